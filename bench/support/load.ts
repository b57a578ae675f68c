// A load generator that costs little: raw keep-alive sockets, one request at a time on each.
import { connect } from 'node:net'

/** One request again and again, or several in turn. */
export type Requests = string | readonly string[]

/** What gives the bytes of the next request. */
export function toNext(requests: Requests): () => Buffer {
  const all = [requests].flat().map((request) => Buffer.from(request, 'latin1'))
  let sent = 0
  return () => {
    sent += 1
    return all[sent % all.length] ?? Buffer.alloc(0)
  }
}

/** How long the whole answer is; null while its head is not there. */
export function toLength(text: string): number | null {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return null
  if (/\r\ntransfer-encoding:/i.test(text.slice(0, end))) throw new Error('an answer in chunks')
  return end + 4 + Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0)
}

/** One socket that sends one request after the other until `isOver`; gives how many answers came. */
function runSocket(port: number, next: () => Buffer, status: string, isOver: () => boolean) {
  return new Promise<number>((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    let count = 0
    let pending = ''
    socket.on('error', reject)
    socket.on('connect', () => socket.write(next()))
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1')
      const length = toLength(pending)
      if (length === null || pending.length < length) return
      if (!pending.startsWith(`HTTP/1.1 ${status}`)) {
        socket.destroy()
        reject(new Error(`answer ${pending.slice(0, 200)}`))
        return
      }
      pending = ''
      count += 1
      if (isOver()) {
        socket.end()
        resolve(count)
      } else socket.write(next())
    })
  })
}

export interface Load {
  readonly requests: number
  readonly seconds: number
}

/** Requests over `durationMs` with `connections` at a time; fails on any other status. */
export async function load(
  port: number,
  requests: Requests,
  status: string,
  durationMs: number,
  connections = 16,
): Promise<Load> {
  const startedMs = performance.now()
  const isOver = (): boolean => performance.now() - startedMs >= durationMs
  const next = toNext(requests)
  const counts = await Promise.all(
    Array.from({ length: connections }, () => runSocket(port, next, status, isOver)),
  )
  const sum = counts.reduce((total, count) => total + count, 0)
  return { requests: sum, seconds: (performance.now() - startedMs) / 1000 }
}

/** Requests a second, measured as above. */
export async function measure(...how: Parameters<typeof load>): Promise<number> {
  const { requests, seconds } = await load(...how)
  return requests / seconds
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const [low = 0, high = 0] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  return (low + high) / 2
}
