// The soak of `npm run soak`, twenty seconds of it: every kind of scenario, every kind of fault, no wrong answer.
import { expect, test } from 'vitest'
import { gateway } from '../support/s3/client.ts'
import { runSoak } from '../support/soak/run.ts'

const SECONDS = 20

test(`${SECONDS} seconds of everything at once, with faults`, { timeout: 180_000 }, async () => {
  const { script, s3 } = gateway
  const report = await runSoak({ script, s3, seconds: SECONDS, seed: 11, rate: 40 })
  expect(report.wrongs).toEqual([])
  expect(report.secretsPrinted).toBe(0)
  // A soak in which nothing happens would show nothing.
  expect(report.scenarios.size).toBe(18)
  expect(report.requests).toBeGreaterThan(300)
  expect([...report.counts.keys()].map((name) => name.replace(/[:\s].*/, ''))).toEqual(
    expect.arrayContaining(['S3', 'KV', 'gateway', 'excused']),
  )
})
