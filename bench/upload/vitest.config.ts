// The long measurements of uploads, `npm run bench:upload`: with the means of the browser suite, beside it; `-- -t heap` runs one alone.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: `${import.meta.dirname}/../..`,
    include: ['bench/upload/*.bench.ts'],
    globalSetup: ['test/support/s3/setup.ts'],
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 120_000,
  },
})
