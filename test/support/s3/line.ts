// A line between browser and S3 that fails as told: mishaps of a seed, outages, stalls, flipped bits, delay, bandwidth; it counts what passes.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { relay } from './relay.ts'

/** A PUT is refused before its body is read, cut in the middle of it, or answered 500 although S3 has stored it. */
export type Mishap = 'busy' | 'cut' | 'late'
const MISHAPS: readonly Mishap[] = ['busy', 'cut', 'late']

/** The same number for the same seed and words, whatever comes in between: mulberry32 of an FNV-1a hash. */
export function toChance(seed: number, ...words: readonly (string | number)[]): number {
  let hash = 0x811c9dc5 ^ seed
  for (const letter of words.join(' ')) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193)
  let mixed = Math.imul(hash ^ (hash >>> 15), 1 | hash)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

export interface PartSent {
  readonly key: string
  readonly part: number
}

interface Settings {
  seed: number
  /** Share of PUTs that meet a mishap. */
  rate: number
  isDown: boolean
  /** Takes bytes and answers nothing. */
  isDeaf: boolean
  /** Takes every part, keeps none, and says that it is stored. */
  isSink: boolean
  delayMs: number
  /** Of each connection; 0 for all that goes. */
  bytesPerSecond: number
}

const QUIET: Settings = {
  seed: 0,
  rate: 0,
  isDown: false,
  isDeaf: false,
  isSink: false,
  delayMs: 0,
  bytesPerSecond: 0,
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms))

export async function startLine() {
  let target = new URL('http://127.0.0.1:1')
  let settings: Settings = { ...QUIET }
  let tries = new Map<string, number>()
  let flips = new Set<number>()
  let [bytes, mishaps, probes, most] = [0, 0, 0, 0]
  let stored: PartSent[] = []
  let onStored: (sent: PartSent) => void = () => {}
  let onBytes: { atLeast: number; call: () => void } | null = null
  let onPut: (() => void) | null = null
  let onProbe: (() => void) | null = null
  const open = new Set<Socket>()
  /** Probes that began while the line was down and have not ended. */
  let inOutage = new Set<IncomingMessage>()

  function toPart(path: string): PartSent {
    const { pathname, searchParams } = new URL(path, 'http://line')
    return {
      key: decodeURIComponent(pathname.split('/').slice(2).join('/')),
      part: Number(searchParams.get('partNumber') ?? 0),
    }
  }

  function count(length: number): void {
    bytes += length
    if (onBytes === null || bytes < onBytes.atLeast) return
    const { call } = onBytes
    onBytes = null
    call()
  }

  /** Sees each chunk of a body: counts, flips a bit or cuts. */
  function createTap(
    sent: PartSent,
    size: number,
    isCut: boolean,
    onCut: () => void,
  ): (chunk: Buffer) => void {
    // Each try is cut elsewhere; on the average in the middle.
    const until = isCut
      ? size * toChance(settings.seed, 'cut', sent.key, sent.part, bytes)
      : Infinity
    let passed = 0
    return (chunk) => {
      count(chunk.length)
      passed += chunk.length
      if (passed >= until) onCut()
      else if (flips.delete(sent.part)) chunk[0] = (chunk[0] ?? 0) ^ 1
    }
  }

  function forward(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    mishap: Mishap | undefined,
  ): void {
    const { method, url: path = '/', headers } = incoming
    const sent = toPart(path)
    // Ceph sends a body after an unsigned HEAD, which Node takes for the next answer: a probe goes on as a GET.
    const isProbe = method === 'HEAD' && path === '/'
    // The Host header stays: it is signed.
    const asked = isProbe ? 'GET' : method
    const call = { host: target.hostname, port: target.port, method: asked, path, headers }
    const forwarded = request(call, async (answer) => {
      const isStored = method === 'PUT' && answer.statusCode === 200
      if (isStored) {
        stored.push(sent)
        onStored(sent)
      }
      await wait(settings.delayMs)
      if (mishap === 'late') {
        answer.resume()
        return reply(incoming, outgoing, 500)
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      return void answer.pipe(outgoing)
    })
    // An answer may come before all bytes were taken: then it is what counts, and the rest is only read.
    forwarded.on('error', () =>
      outgoing.headersSent
        ? incoming.unpipe().removeAllListeners('data').resume()
        : outgoing.socket?.destroy(),
    )
    incoming.on('close', () => void (incoming.complete || forwarded.destroy()))
    if (method !== 'PUT') return void incoming.pipe(forwarded)
    const cut = (): void => {
      forwarded.destroy()
      outgoing.socket?.resetAndDestroy()
    }
    const size = Number(headers['content-length'] ?? 0)
    const tap = createTap(sent, size, mishap === 'cut', cut)
    relay(incoming, forwarded, settings.bytesPerSecond, tap)
  }

  function reply(incoming: IncomingMessage, outgoing: ServerResponse, status: number): void {
    outgoing.writeHead(status, {
      'Access-Control-Allow-Origin': incoming.headers.origin ?? '*',
      'Access-Control-Expose-Headers': 'ETag',
      ETag: '"none"',
      'Content-Length': 0,
    })
    outgoing.end()
  }

  /** The mishap of this try of this part; the same for the same seed, in whatever order parts are sent. */
  function toMishap({ key, part }: PartSent): Mishap | undefined {
    const name = `${key.split('/').at(-1)} ${part}`
    const at = (tries.get(name) ?? 0) + 1
    tries.set(name, at)
    if (toChance(settings.seed, name, at) >= settings.rate) return undefined
    mishaps += 1
    return MISHAPS[Math.floor(toChance(settings.seed, 'what', name, at) * MISHAPS.length)]
  }

  const server = createServer(async (incoming, outgoing) => {
    // What the gateway asks goes through: the line is the page's.
    if (incoming.headers['sec-fetch-mode'] === undefined)
      return forward(incoming, outgoing, undefined)
    if (incoming.method === 'HEAD') {
      probes += 1
      onProbe?.()
    }
    if (settings.isDown) {
      // A browser repeats by itself what it had sent before; probes are the page's own.
      const those = inOutage
      if (incoming.method === 'HEAD') those.add(incoming)
      most = Math.max(most, those.size)
      // Nothing is heard for a moment, so that what runs side by side is seen to.
      await wait(20)
      those.delete(incoming)
      return void incoming.socket.destroy()
    }
    await wait(settings.delayMs)
    if (incoming.method !== 'PUT') return forward(incoming, outgoing, undefined)
    onPut?.()
    if (settings.isDeaf) return void incoming.pause()
    if (settings.isSink) {
      incoming.on('data', (chunk: Buffer) => count(chunk.length))
      return void incoming.on('end', () => reply(incoming, outgoing, 200))
    }
    const mishap = toMishap(toPart(incoming.url ?? '/'))
    if (mishap !== 'busy') return forward(incoming, outgoing, mishap)
    outgoing.setHeader('Connection', 'close')
    return reply(incoming, outgoing, 503)
  })
  server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    aim: (endpoint: string): void => void (target = new URL(endpoint)),
    /** A quiet line with these settings, nothing counted. */
    reset(changes: Partial<Settings> = {}): void {
      settings = { ...QUIET, ...changes }
      tries = new Map()
      flips = new Set()
      stored = []
      onStored = () => {}
      onBytes = onPut = onProbe = null
      bytes = mishaps = probes = most = 0
    },
    set: (changes: Partial<Settings>): void => void (settings = { ...settings, ...changes }),
    /** Ends every connection, and each new one, until `set({isDown: false})`. */
    cut(): void {
      settings = { ...settings, isDown: true }
      for (const socket of open) socket.resetAndDestroy()
    },
    /** Flips a bit of this part, once. */
    flip: (part: number): void => void flips.add(part),
    onStored: (call: (sent: PartSent) => void): void => void (onStored = call),
    /** When so many bytes of bodies have come. */
    passed: (atLeast: number): Promise<void> =>
      new Promise((resolve) => void (onBytes = { atLeast, call: () => resolve() })),
    nextPut: (): Promise<void> => new Promise((resolve) => void (onPut = () => resolve())),
    nextProbe: (): Promise<void> => new Promise((resolve) => void (onProbe = () => resolve())),
    /** From now on what runs side by side in an outage is counted. */
    watch(): void {
      inOutage = new Set()
      most = probes = 0
    },
    /** Body bytes of PUTs that came from the page. */
    bytes: (): number => bytes,
    mishaps: (): number => mishaps,
    probes: (): number => probes,
    /** Most probes of an outage that were under way together. */
    mostInOutage: (): number => most,
    stored: (): readonly PartSent[] => stored,
    stop(): void {
      server.closeAllConnections()
      server.close()
    },
  }
}
