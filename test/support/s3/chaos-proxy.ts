// A proxy between browser and S3: it cuts, loses and refuses what a page sends, as a seed deals it or as it is told.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createDeck, type Mishap } from './chaos-deck.ts'

const partOf = (path = ''): number => Number(/[?&]partNumber=(\d+)/.exec(path)?.[1] ?? 0)

/** An answer of the proxy itself, which the page's script may read. */
function reply(incoming: IncomingMessage, outgoing: ServerResponse, status: number): void {
  const headers = {
    'Access-Control-Allow-Origin': incoming.headers.origin ?? '*',
    'Content-Length': 0,
  }
  outgoing.writeHead(status, headers).end()
}

function createForward(target: () => URL, note: (part: number) => void) {
  /** Sends it on, as far as the mishap lets it. */
  return (incoming: IncomingMessage, outgoing: ServerResponse, mishap: Mishap | null): void => {
    const { method, url: path, headers } = incoming
    const { hostname: host, port } = target()
    const hangUp = (): void => void incoming.socket.destroy()
    // The Host header stays: it is signed.
    const forwarded = request({ host, port, method, path, headers }, (answer) => {
      const part = partOf(path)
      if (method === 'PUT' && answer.statusCode === 200 && part > 0) note(part)
      if (mishap === 'answer lost') return void answer.resume().on('end', hangUp)
      if (mishap === 'late 500')
        return void answer.resume().on('end', () => reply(incoming, outgoing, 500))
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      return void answer.pipe(outgoing)
    })
    forwarded.on('error', hangUp)
    incoming.on('close', () => void (incoming.complete || forwarded.destroy()))
    if (mishap !== 'reset mid-body') return void incoming.pipe(forwarded)
    const half = Number(headers['content-length'] ?? 0) / 2
    let passed = 0
    incoming.on('data', (chunk: Buffer) => {
      passed += chunk.length
      forwarded.write(chunk)
      if (passed < half) return
      forwarded.destroy()
      hangUp()
    })
    incoming.on('end', hangUp)
  }
}

export async function startChaosProxy(seed: number) {
  let target = new URL('http://127.0.0.1:1')
  let deal: (() => Mishap | null) | null = null
  let [refused, outage, deaf] = [0, 0, 0]
  let held: { part: number; arrived: () => void } | null = null
  let waiting: IncomingMessage | null = null
  let stored: number[] = []
  let mishaps: Mishap[] = []
  const forward = createForward(
    () => target,
    (part) => void stored.push(part),
  )

  function suffer(incoming: IncomingMessage, outgoing: ServerResponse, mishap: Mishap): void {
    mishaps.push(mishap)
    if (mishap === 'reset before') return void incoming.socket.destroy()
    if (mishap !== '503') return forward(incoming, outgoing, mishap)
    return void incoming.resume().on('end', () => reply(incoming, outgoing, 503))
  }

  const server = createServer((incoming, outgoing) => {
    const part = partOf(incoming.url)
    const isSending = ['PUT', 'POST'].includes(incoming.method ?? '')
    // Only a page names its origin: what the gateway asks goes through.
    if (incoming.headers.origin === undefined || !isSending)
      return forward(incoming, outgoing, null)
    if (outage > 0) {
      outage -= 1
      return suffer(incoming, outgoing, 'reset before')
    }
    if (deaf > 0) {
      deaf -= 1
      return suffer(incoming, outgoing, 'answer lost')
    }
    if (part > 0 && part === refused) {
      refused = 0
      return void incoming.resume().on('end', () => reply(incoming, outgoing, 403))
    }
    if (part > 0 && part === held?.part) {
      const { arrived } = held
      held = null
      waiting = incoming.resume()
      return arrived()
    }
    const mishap = deal?.() ?? null
    return mishap === null ? forward(incoming, outgoing, null) : suffer(incoming, outgoing, mishap)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    /** Where calls go; the embedded S3 has its port only when its gateway runs. */
    aim: (endpoint: string): void => void (target = new URL(endpoint)),
    /** A quiet line again, and nothing counted. */
    reset(): void {
      deal = held = waiting = null
      ;[refused, outage, deaf, stored, mishaps] = [0, 0, 0, [], []]
    },
    /** From now on what a page sends meets the mishaps of the seed. */
    disturb: (): void => void (deal = createDeck(seed)),
    /** Ends the connection of so many requests of a page, one after the other. */
    fail: (requests: number): void => void (outage = requests),
    /** Does what so many requests of a page ask, and ends their connections instead of an answer. */
    lose: (requests: number): void => void (deaf = requests),
    /** Answers this part 403, once. */
    refuse: (part: number): void => void (refused = part),
    /** Keeps this part waiting until its page gives up, once; resolves when it has come. */
    hold(part: number): Promise<void> {
      return new Promise((arrived) => {
        held = { part, arrived }
      })
    },
    /** Ends the connection of the part that is kept waiting. */
    cut: (): void => void waiting?.socket.destroy(),
    /** Numbers of the parts that S3 has stored, in order, each time. */
    stored: (): readonly number[] => stored,
    /** What happened to requests of pages, in order. */
    mishaps: (): readonly Mishap[] => mishaps,
    stop(): void {
      server.closeAllConnections()
      server.close()
    },
  }
}
