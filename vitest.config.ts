// Test projects: `unit` (pure code, Node), `worker` (workerd with the real wrangler.toml), `s3` (built bundle and a live S3), `browser` (that and a headless Chromium).
import { availableParallelism } from 'node:os'
import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { WEBHOOK_SECRET } from './test/support/webhook-secret.ts'

/** Most of a test is waiting for a server: also two cores run two files. A browser takes a core by itself, and comes when they are done. */
const maxWorkers = Math.max(2, availableParallelism() - 1)
const BROWSER = { maxWorkers: Math.max(1, availableParallelism() - 1), sequence: { groupOrder: 1 } }

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          maxWorkers,
          include: ['test/{core,cli,client}/**/*.test.ts', 'test/*.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        plugins: [
          cloudflareTest(({ inject }) => ({
            wrangler: { configPath: './wrangler.toml' },
            // Durable Objects read their own environment, which a test cannot replace.
            miniflare: {
              bindings: { WEBHOOK: { url: `${inject('receiver')}/hook` }, WEBHOOK_SECRET },
            },
          })),
        ],
        test: {
          name: 'worker',
          maxWorkers,
          globalSetup: ['test/support/receiver.ts', 'test/support/upstream.ts'],
          include: ['test/{worker,http,adapters,attacks}/**/*.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 's3',
          maxWorkers,
          include: ['test/s3/**/*.test.ts'],
          globalSetup: ['test/support/s3/setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'browser',
          ...BROWSER,
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/support/s3/setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
