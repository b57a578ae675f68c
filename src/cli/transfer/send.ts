// Sends a range of a file to S3 by node:http, over connections that are kept; no part is ever in memory.
import { Agent, request as requestPlain } from 'node:http'
import { Agent as TlsAgent, request as requestTls } from 'node:https'
import type { SendAnswer, Transport } from '../../client/ports.ts'
import { type FileRange, openUnchanged, toRange } from './file-blob.ts'

/** Read and written at a time: large enough that the calls cost nothing, small beside a part. */
const CHUNK_BYTES = 2 ** 20

export interface SendOptions {
  readonly connections: number
  /** So many bytes of the file are now in S3. */
  readonly onStored: (range: FileRange) => void
}

/** Each keeps its connections to itself, and they die with the process. */
export function createAgents(connections: number) {
  const options = { keepAlive: true, maxSockets: connections }
  const [plain, tls] = [new Agent(options), new TlsAgent(options)]
  return {
    request: (url: string, init: Parameters<typeof requestPlain>[1]) =>
      url.startsWith('https:')
        ? requestTls(url, { ...init, agent: tls })
        : requestPlain(url, { ...init, agent: plain }),
    close() {
      plain.destroy()
      tls.destroy()
    },
  }
}

export type Agents = ReturnType<typeof createAgents>

export function createSend(agents: Agents, onStored: SendOptions['onStored']): Transport {
  return async ({ method, url, headers }, body, onSent, signal) => {
    const range = toRange(body)
    const file = await openUnchanged(range)
    const bytes = file.createReadStream({
      start: range.start,
      end: Math.max(range.start, range.end - 1),
      highWaterMark: CHUNK_BYTES,
    })
    let sent = 0
    return new Promise<SendAnswer>((resolve, reject) => {
      const own = { ...headers, 'content-length': String(body.size) }
      const outgoing = agents.request(url, { method, headers: own, signal })
      const fail = (error: Error): void => {
        bytes.destroy()
        outgoing.destroy()
        reject(error)
      }
      outgoing.on('error', fail)
      outgoing.on('response', (answer) => {
        const status = answer.statusCode ?? 0
        const end = (): void =>
          resolve({
            status,
            header: (name) => String(answer.headers[name.toLowerCase()] ?? '') || null,
          })
        if (status < 300) onStored(range)
        answer.resume()
        answer.on('close', end)
        // Refused before all of it went: the rest is not wanted, and the connection is of no use.
        if (!outgoing.writableFinished) {
          end()
          bytes.destroy()
          outgoing.destroy()
        }
      })
      if (body.size === 0) {
        bytes.destroy()
        outgoing.end()
        return
      }
      bytes.on('error', fail)
      bytes.on('data', (chunk) => onSent((sent += chunk.length)))
      bytes.pipe(outgoing)
    })
  }
}

/** Whether anything answers there. */
export function createProbe(agents: Agents) {
  return (origin: string, signal: AbortSignal): Promise<boolean> =>
    new Promise((resolve) => {
      const outgoing = agents.request(origin, { method: 'HEAD', signal })
      outgoing.on('response', (answer) => {
        answer.resume()
        resolve(true)
      })
      outgoing.on('error', () => resolve(false))
      outgoing.end()
    })
}
