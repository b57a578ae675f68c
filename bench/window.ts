// `npm run bench:window`: CPU time of a window of 100 signed parts, and of 1000 signatures, in bare workerd (Linux).
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSealingKey, parsePosternKey } from '../src/core/seal.ts'
import { sealTicket, type Ticket } from '../src/core/upload/ticket.ts'
import { authorization, ISSUER, toVariables } from './support/gateway.ts'
import { measure, median } from './support/load.ts'
import { bundle, serve } from './support/workerd.ts'

const ROUNDS = 9
const ROUND_MS = 1500
/** Clock ticks a second of /proc (getconf CLK_TCK). */
const TICKS = 100

const variables = toVariables(10)
const key = parsePosternKey(String(variables['POSTERN_KEY']))
if (key === null) throw new Error('no key')
const now = Math.floor(Date.now() / 1000)
const ticket: Ticket = {
  issuer: ISSUER,
  subject: 'alice',
  bucket: 'media',
  key: 'users/alice/film.mp4',
  size: 5 * 2 ** 40,
  type: 'video/mp4',
  overwrite: false,
  multipart: { uploadId: 'x'.repeat(90), partSize: 1311 * 2 ** 20 },
  nonce: 'nonce',
  createdAtSeconds: now,
  resumableUntilSeconds: now + 86_400,
}
const id = await sealTicket([await createSealingKey(key)], ticket, new Uint8Array(12))

function post(path: string, body: object): string {
  const text = JSON.stringify(body)
  return `POST ${path} HTTP/1.1\r\nHost: files.example.com\r\n${authorization}Content-Length: ${text.length}\r\n\r\n${text}`
}
const numbers = (count: number): { partNumber: number }[] =>
  Array.from({ length: count }, (_, at) => ({ partNumber: at + 1 }))
const reads = Array.from({ length: 1000 }, (_, at) => ({
  bucket: 'media',
  key: `users/alice/${at}.jpg`,
  method: 'GET',
}))
const CASES = [
  ['a window of 1 part', post(`/v1/uploads/${id}/parts`, { parts: numbers(1) })],
  ['a window of 100 parts', post(`/v1/uploads/${id}/parts`, { parts: numbers(100) })],
  ['a batch of 1000 at /v1/sign', post('/v1/sign', { requests: reads })],
] as const

/** CPU milliseconds of a process so far, user and system, all of its threads. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS
}

const folder = mkdtempSync(join(tmpdir(), 'postern-bench-'))
const gateway = await bundle('src/index.ts', join(folder, 'gateway.js'))
const grants = [{ bucket: 'media', prefix: 'users/${sub}/', allow: ['read', 'upload'] }]
const server = await serve(gateway, { ...variables, GRANTS: grants, GRANTS_1: [] })
const samples = CASES.map((): number[] => [])
// One round to warm up, not counted.
for (let round = -1; round < ROUNDS; round += 1) {
  for (const [at, [, request]] of CASES.entries()) {
    const [cpu, startedMs] = [cpuMs(server.pid), performance.now()]
    const rate = await measure(server.port, request, '200', ROUND_MS, 1)
    const requests = (rate * (performance.now() - startedMs)) / 1000
    if (round >= 0) samples[at]?.push((cpuMs(server.pid) - cpu) / requests)
  }
}
server.stop()
console.log('| case | CPU ms, median | lowest … highest round |\n|---|---|---|')
for (const [at, [name]] of CASES.entries()) {
  const all = samples[at] ?? []
  const range = `${Math.min(...all).toFixed(2)} … ${Math.max(...all).toFixed(2)}`
  console.log(`| ${name} | ${median(all).toFixed(2)} | ${range} |`)
}
