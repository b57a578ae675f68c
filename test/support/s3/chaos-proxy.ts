// A proxy between browser and S3: it drops, loses and refuses what a page sends, by chance of a seed or as told.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What becomes of a request: lost before S3 sees it, or its answer lost, or refused for now. */
const MISHAPS = ['drop', 'lose', 'busy'] as const

export async function startChaosProxy(seed: number) {
  let target = new URL('http://127.0.0.1:1')
  let [rate, state] = [0, seed]
  let refused: number | null = null
  let held: { part: number; arrived: () => void } | null = null
  let stored: number[] = []
  let mishaps = 0

  /** mulberry32: the same mishaps for the same seed and order. */
  function chance(): number {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  function forward(incoming: IncomingMessage, outgoing: ServerResponse, isLost: boolean): void {
    const { method, url: path, headers } = incoming
    // The Host header stays: it is signed.
    const call = { host: target.hostname, port: target.port, method, path, headers }
    const forwarded = request(call, (answer) => {
      const part = Number(/[?&]partNumber=(\d+)/.exec(path ?? '')?.[1])
      if (method === 'PUT' && answer.statusCode === 200 && part) stored.push(part)
      if (isLost) return void answer.resume().on('end', () => outgoing.socket?.destroy())
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      return void answer.pipe(outgoing)
    })
    forwarded.on('error', () => outgoing.socket?.destroy())
    incoming.on('close', () => void (incoming.complete || forwarded.destroy()))
    incoming.pipe(forwarded)
  }

  function reply(incoming: IncomingMessage, outgoing: ServerResponse, status: number): void {
    incoming.resume().on('end', () => {
      outgoing.writeHead(status, {
        'Access-Control-Allow-Origin': incoming.headers.origin ?? '*',
        'Content-Length': 0,
      })
      outgoing.end()
    })
  }

  const server = createServer((incoming, outgoing) => {
    const part = Number(/[?&]partNumber=(\d+)/.exec(incoming.url ?? '')?.[1])
    const isSending = ['PUT', 'POST'].includes(incoming.method ?? '')
    // Only a page names its origin: what the gateway asks goes through.
    if (incoming.headers.origin === undefined || !isSending)
      return forward(incoming, outgoing, false)
    if (part === refused) {
      refused = null
      return reply(incoming, outgoing, 403)
    }
    if (part === held?.part) {
      const { arrived } = held
      held = null
      incoming.resume()
      return arrived()
    }
    if (chance() >= rate) return forward(incoming, outgoing, false)
    mishaps += 1
    const mishap = MISHAPS[Math.floor(chance() * MISHAPS.length)]
    if (mishap === 'drop') return void incoming.socket.destroy()
    return mishap === 'lose' ? forward(incoming, outgoing, true) : reply(incoming, outgoing, 503)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    /** Where calls go; the embedded S3 has its port only when its gateway runs. */
    aim: (endpoint: string): void => void (target = new URL(endpoint)),
    /** A quiet line again, and nothing counted. */
    reset(): void {
      ;[rate, refused, held, stored, mishaps] = [0, null, null, [], 0]
    },
    /** So many of a page's requests meet a mishap, 0 … 1. */
    disturb: (share: number): void => void (rate = share),
    /** Answers this part 403, once. */
    refuse: (part: number): void => void (refused = part),
    /** Keeps this part waiting until its page gives up, once; resolves when it has come. */
    hold(part: number): Promise<void> {
      return new Promise((arrived) => {
        held = { part, arrived }
      })
    },
    /** Numbers of the parts that S3 has stored, in order, each time. */
    stored: (): readonly number[] => stored,
    mishaps: (): number => mishaps,
    stop(): void {
      server.closeAllConnections()
      server.close()
    },
  }
}
