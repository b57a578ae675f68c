// The probe of KV against the local runtime's KV, which is never late: its mechanics, and what it would advise.
import { env } from 'cloudflare:test'
import { expect, test } from 'vitest'
import {
  type Call,
  DELAYS_MS,
  measureKv,
  type Report,
  toAdvice,
} from '../../bench/probe/measure.ts'
import probe, { type ProbeAnswer } from '../../bench/probe/worker.ts'

const bindings = { PROBE_KV: env.POSTERN_KV, PROBE_TOKEN: 'secret' }

async function fetchProbe(path: string, name: string, token: string): Promise<Response> {
  const url = `https://probe.example${path}?name=${encodeURIComponent(name)}`
  const request = new Request<unknown, IncomingRequestCfProperties>(url, {
    headers: { Authorization: `Bearer ${token}` },
  })
  return probe.fetch(request, bindings)
}

test('every delay is measured with prefixes that are read once', async () => {
  const calls: string[] = []
  const call: Call = async (path, name) => {
    calls.push(`${path} ${name}`)
    const answer = await fetchProbe(path, name, 'secret')
    return answer.json<ProbeAnswer>()
  }
  const report = await measureKv({ call, wait: async () => undefined, run: 'r', rounds: 2 })
  expect(report.failed).toBe(0)
  expect([...report.complete.keys()]).toEqual([...DELAYS_MS])
  expect(report.isListFresh).toBe(true)
  const lists = calls.filter((what) => what.startsWith('/list probe/r/') && !what.includes('again'))
  expect(new Set(lists).size).toBe(2 * DELAYS_MS.length)
})

test('nobody spends the account’s operations without the token', async () => {
  expect((await fetchProbe('/write', 'x', 'wrong')).status).toBe(401)
  expect((await fetchProbe('/nothing', 'x', 'secret')).status).toBe(200)
})

const reportOf = (complete: readonly (readonly [number, number])[]): Report => ({
  colos: [],
  writeMs: [],
  listMs: [],
  complete: new Map(complete),
  isListFresh: false,
  refused: 4,
  failed: 0,
})
test.each([
  ['preset = "tight"', [[1000, 1]]],
  [
    'preset = "standard"',
    [
      [1000, 0.9],
      [1250, 0.98],
    ],
  ],
  [
    'preset = "eco"',
    [
      [1000, 0.5],
      [1250, 0.9],
      [1500, 0.97],
    ],
  ],
  ['durable-object', [[1500, 0.8]]],
] as const)('advice: %s', (words, complete) => {
  expect(toAdvice(reportOf(complete))).toContain(words)
})
