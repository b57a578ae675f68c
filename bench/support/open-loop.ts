// Requests at a fixed rate, whatever becomes of those before: latencies as a user has them who does not wait for others.
// A latency begins when its request was due, so that a server that stands still for a moment cannot hide it.
import { connect, type Socket } from 'node:net'
import { type Requests, toLength, toNext } from './load.ts'

interface Line {
  readonly socket: Socket
  dueMs: number
  pending: string
}

/** Milliseconds of each answer; fails on any other status. */
export async function openLoop(
  port: number,
  requests: Requests,
  status: string,
  rate: number,
  durationMs: number,
): Promise<number[]> {
  const next = toNext(requests)
  const total = Math.max(1, Math.floor((rate * durationMs) / 1000))
  const latencies: number[] = []
  const idle: Line[] = []
  const all: Line[] = []
  const { promise, resolve, reject } = Promise.withResolvers<number[]>()

  function toLine(): Line {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const line: Line = { socket, dueMs: 0, pending: '' }
    all.push(line)
    socket.on('error', reject)
    socket.on('data', (chunk) => {
      line.pending += chunk.toString('latin1')
      const length = toLength(line.pending)
      if (length === null || line.pending.length < length) return
      if (!line.pending.startsWith(`HTTP/1.1 ${status}`))
        reject(new Error(`answer ${line.pending.slice(0, 200)}`))
      line.pending = ''
      latencies.push(performance.now() - line.dueMs)
      idle.push(line)
      if (latencies.length === total) resolve(latencies)
    })
    return line
  }

  const startedMs = performance.now() + 20
  let sent = 0
  // Looks again at once instead of setting a timer: timers are late by as much as an answer takes.
  function tick(): void {
    const nowMs = performance.now()
    while (sent < total && startedMs + (sent * 1000) / rate <= nowMs) {
      const line = idle.pop() ?? toLine()
      line.dueMs = startedMs + (sent * 1000) / rate
      line.socket.write(next())
      sent += 1
    }
    if (sent < total) setImmediate(tick)
  }
  // Connections that are open before the first request is due.
  for (let at = 0; at < 4; at += 1) idle.push(toLine())
  setImmediate(tick)
  try {
    return await promise
  } finally {
    for (const { socket } of all) socket.destroy()
  }
}

/** The value that this share of them does not exceed. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
