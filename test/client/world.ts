// A world for the client: time that moves when told, a gateway and an S3 that keep to the contract, and a line that fails as told.
import type { UploadPart } from '../../src/contract/upload.ts'
import type { SessionAnswer } from '../../src/contract/session.ts'
import type { Ports, RecordStore, SendAnswer, UploadRecord } from '../../src/client/ports.ts'
import { createPosternOn, type Postern } from '../../src/client/postern.ts'

export const MIB = 2 ** 20
export const GATEWAY = 'https://files.test'
export const S3 = 'https://s3.test'
const PART = 8 * MIB

/** A file of so many bytes that takes no memory; a Blob as far as the client looks. */
export function toFile(size: number, name = 'a.bin', lastModified: number | null = 1): File {
  const file = {
    size,
    name,
    type: 'text/plain',
    ...(lastModified !== null && { lastModified }),
    slice: (from: number, to: number) => toFile(Math.min(to, size) - from, name),
    arrayBuffer: async () => new ArrayBuffer(Math.min(size, 8)),
  }
  // The client reads no more of a Blob than this.
  return file as unknown as File
}

interface Stored {
  readonly size: number
  readonly type: string
  readonly key: string
  readonly isPut: boolean
  parts: Map<number, { size: number; etag: string; sum: string | undefined }>
  state: 'open' | 'complete' | 'gone'
}

export interface Sent {
  readonly key: string
  readonly partNumber: number
  readonly headers: Readonly<Record<string, string>>
  readonly atMs: number
}

/** What becomes of a PUT: null and it is stored. */
export type Fate =
  | null
  | { readonly status: number; readonly header?: (name: string) => string | null }
  /** No answer, after so many bytes. */
  | { readonly lostAfter: number }
  /** Nothing ever again. */
  | 'stalled'
  /** Stored, with another ETag than that of the bytes. */
  | 'corrupt'

export function createWorld(startMs = 1_700_000_000_000) {
  let now = startMs
  const timers: { atMs: number; call: () => void }[] = []
  const uploads = new Map<string, Stored>()
  const keys = new Map<string, string>()
  const calls: string[] = []
  const sent: Sent[] = []
  const records = new Map<string, UploadRecord>()
  const held = new Map<string, (() => void)[]>()
  const watchers = new Set<() => void>()
  const world = {
    /** Of the page's clock against the server's. */
    skewMs: 0,
    lifeMs: 900_000,
    isOnline: true,
    /** Gateway and S3 answer at all. */
    isUp: true,
    canList: true,
    /** Milliseconds from a PUT to its answer. */
    sendMs: 10,
    verify: { put: 'md5', part: 'etag' } as SessionAnswer['grants'][number]['verify'],
    grants: null as SessionAnswer['grants'] | null,
    fate: (one: Sent): Fate => one && null,
    /** A refusal in place of the gateway's answer. */
    refuse: (_method: string, _path: string, _body: unknown): Response | null => null,
    [Symbol.toStringTag]: 'world',
  }
  let [flying, mostFlying, probes, mostProbes, tickets] = [0, 0, 0, 0, 0]
  const probed: number[] = []
  const after = (ms: number, call: () => void): (() => void) => {
    const timer = { atMs: now + ms, call }
    const at = timers.findIndex((other) => other.atMs > timer.atMs)
    timers.splice(at === -1 ? timers.length : at, 0, timer)
    return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1))
  }
  const wait = (ms: number): Promise<void> => new Promise((resolve) => void after(ms, resolve))

  function toParts(id: string, numbers: readonly { partNumber: number; checksum?: unknown }[]) {
    const upload = uploads.get(id)
    return numbers.map(({ partNumber, checksum }): UploadPart => {
      const size = upload?.isPut
        ? upload.size
        : Math.min(PART, (upload?.size ?? 0) - (partNumber - 1) * PART)
      const untilMs = now + world.lifeMs
      const url = `${S3}/${id}/${partNumber}?until=${untilMs}`
      const value = (checksum as { value?: string } | undefined)?.value
      const headers = value === undefined ? {} : { 'x-sum': value }
      const expiresAt = new Date(untilMs).toISOString()
      return { partNumber, size, method: 'PUT', url, headers, expiresAt }
    })
  }

  function open(body: { key: string; size: number; type: string; overwrite?: boolean }) {
    tickets += 1
    const id = `ticket${tickets}`
    const isPut = body.size <= PART && !body.overwrite
    uploads.set(id, { ...body, isPut, parts: new Map(), state: 'open' })
    const partCount = isPut ? 1 : Math.max(1, Math.ceil(body.size / PART))
    const count = Math.min(100, partCount)
    return {
      id,
      bucket: 'media',
      key: body.key,
      strategy: isPut ? 'put' : 'multipart',
      size: body.size,
      partSize: isPut ? body.size : PART,
      partCount,
      concurrency: 6,
      expiresAt: '',
      resumableUntil: new Date(now + 7 * 86_400_000).toISOString(),
      parts: toParts(
        id,
        Array.from({ length: count }, (_, at) => ({ partNumber: at + 1 })),
      ),
    }
  }

  function complete(id: string): object {
    const upload = uploads.get(id)
    const count = upload?.isPut ? 1 : Math.max(1, Math.ceil((upload?.size ?? 0) / PART))
    if (upload === undefined || upload.state === 'gone') return refusal(409, 'conflict')
    if (upload.parts.size < count) return refusal(409, 'conflict')
    upload.state = 'complete'
    return { bucket: 'media', key: upload.key, size: upload.size, etag: 'e' }
  }

  const refusal = (status: number, code: string): { status: number; code: string } => ({
    status,
    code,
  })
  const reply = (body: object, status = 200): Response =>
    new Response(JSON.stringify(body), {
      status: 'code' in body && 'status' in body ? Number(body.status) : status,
      headers: { Date: new Date(now).toUTCString() },
    })

  function route(method: string, path: string, body: unknown, key: string | null): Response {
    const given = body as { requests?: { id: string }[]; parts?: { partNumber: number }[] }
    const [, , , id = '', step] = path.split('/')
    if (path === '/v1/session')
      return reply({
        sub: 'alice',
        expiresAt: '',
        limits: [],
        grants: world.grants ?? [
          { bucket: 'media', prefix: '', allow: ['upload'], verify: world.verify },
        ],
      })
    if (path === '/v1/uploads/complete')
      return reply({
        results: given.requests?.map((item) => ({ status: 200, ...complete(item.id) })),
      })
    if (path === '/v1/uploads') {
      const known = key === null ? undefined : keys.get(key)
      if (known !== undefined) return new Response(known, { status: 201 })
      const answer = given.requests
        ? { results: given.requests.map((item) => ({ status: 201, ...open(item as never) })) }
        : open(body as never)
      if (key !== null) keys.set(key, JSON.stringify(answer))
      return reply(answer, 201)
    }
    const upload = uploads.get(id)
    if (upload === undefined) return reply(refusal(404, 'not_found'))
    if (step === 'parts') return reply({ parts: toParts(id, given.parts ?? []) })
    if (step === 'complete') return reply(complete(id))
    if (method === 'DELETE') {
      upload.state = 'gone'
      return new Response(null, { status: 204 })
    }
    if (!world.canList) return reply(refusal(501, 'unsupported_by_provider'))
    const parts = [...upload.parts].map(([partNumber, part]) => ({ partNumber, ...part }))
    return reply({ state: upload.state, size: upload.size, partSize: PART, parts })
  }

  // As IndexedDB does: what is written is a copy.
  const store: RecordStore = {
    list: async () => [...records.values()].map((record) => structuredClone(record)),
    read: async (name) => structuredClone(records.get(name) ?? null),
    write: async (rows) => {
      for (const record of rows) records.set(record.name, structuredClone(record))
    },
    remove: async (name) => void records.delete(name),
  }

  const ports: Ports = {
    clock: { now: () => now + world.skewMs, after },
    random: () => 0.5,
    uuid: () => crypto.randomUUID(),
    async fetch(url, init = {}) {
      const { pathname, search } = new URL(String(url))
      const { method = 'GET', body, signal } = init as RequestInit
      calls.push(`${method} ${pathname}`)
      await wait(5)
      if (!world.isUp) throw new TypeError('no answer')
      if (signal?.aborted) throw new DOMException('aborted', 'AbortError')
      const json: unknown = typeof body === 'string' ? JSON.parse(body) : undefined
      const refused = world.refuse(method, pathname + search, json)
      const key = new Headers((init as RequestInit).headers).get('Idempotency-Key')
      return refused ?? route(method, pathname, json, key)
    },
    async send({ url, headers }, body, onSent, signal) {
      const [, id = '', part = ''] = new URL(url).pathname.split('/')
      const upload = uploads.get(id)
      const one = { key: upload?.key ?? '', partNumber: Number(part), headers, atMs: now }
      sent.push(one)
      flying += 1
      mostFlying = Math.max(mostFlying, flying)
      const stop = new Promise<never>((_, reject) =>
        signal.addEventListener('abort', () => reject(new Error('aborted'))),
      )
      try {
        return await Promise.race([stop, land(one, url, id, body.size, onSent)])
      } finally {
        flying -= 1
      }
    },
    async probe(_, signal) {
      probes += 1
      mostProbes = Math.max(mostProbes, probes)
      probed.push(now)
      await wait(20)
      probes -= 1
      return world.isUp && !signal.aborted
    },
    hash: async (bytes, algorithm) =>
      btoa(`${algorithm}-${bytes.size}`.padEnd(16, '\0').slice(0, 16)),
    store,
    locks: {
      async hold(name, _, run) {
        const queue = held.get(name)
        if (queue) await new Promise<void>((resolve) => void queue.push(resolve))
        else held.set(name, [])
        try {
          await run(queue !== undefined)
        } finally {
          const next = held.get(name)?.shift()
          if (next) next()
          else held.delete(name)
        }
      },
      isAwaited: async (name) => (held.get(name)?.length ?? 0) > 0,
    },
    online: {
      isOnline: () => world.isOnline,
      watch(call) {
        watchers.add(call)
        return () => watchers.delete(call)
      },
    },
  }

  async function land(
    one: Sent,
    url: string,
    id: string,
    size: number,
    onSent: (bytes: number) => void,
  ): Promise<SendAnswer> {
    const answer = (status: number, etag: string | null = null): SendAnswer => ({
      status,
      header: (name) => (name === 'ETag' ? etag : null),
    })
    if (!world.isUp) {
      await wait(1)
      throw new Error('no answer')
    }
    if (Number(new URL(url).searchParams.get('until')) < now) return answer(403)
    const fate = world.fate(one)
    if (fate === 'stalled') {
      onSent(size / 2)
      return new Promise(() => {})
    }
    if (fate !== null && typeof fate === 'object' && 'lostAfter' in fate) {
      if (fate.lostAfter > 0) onSent(fate.lostAfter)
      await wait(world.sendMs)
      throw new Error('no answer')
    }
    onSent(size)
    await wait(world.sendMs)
    if (!world.isUp) throw new Error('no answer')
    if (fate !== null && typeof fate === 'object')
      return { status: fate.status, header: fate.header ?? (() => null) }
    const upload = uploads.get(id)
    if (upload?.state !== 'open' && !upload?.isPut) return answer(404)
    // An MD5 in hex, as S3 tells it, of what the client's own hash gives.
    const text = fate === 'corrupt' ? 'corrupt' : `md5-${size}`
    const bytes = new TextEncoder().encode(text.slice(0, 16).padEnd(16, '\0'))
    const etag = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    upload.parts.set(one.partNumber, { size, etag, sum: one.headers['x-sum'] })
    return answer(200, `"${etag}"`)
  }

  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

  return {
    world,
    ports,
    calls,
    sent,
    records,
    uploads,
    probed,
    mostFlying: () => mostFlying,
    mostProbes: () => mostProbes,
    now: () => now,
    /** A client as a page or tab has it. */
    tab: (connections = 6, more: Partial<Ports> = {}): Postern =>
      createPosternOn(
        { ...ports, ...more },
        { baseUrl: GATEWAY, token: () => 'token', connections },
      ),
    goOnline(): void {
      world.isOnline = world.isUp = true
      for (const call of Array.from(watchers)) call()
    },
    /** Time passes until it is over, or for so long. */
    async pass<T>(until: Promise<T> | number): Promise<T | undefined> {
      let isOver = false
      let result: T | undefined
      const endMs = typeof until === 'number' ? now + until : Infinity
      if (typeof until !== 'number')
        until.then(
          (value) => {
            isOver = true
            result = value
          },
          () => (isOver = true),
        )
      for (;;) {
        await settle()
        if (isOver) return result
        const next = timers[0]
        if (next === undefined && endMs === Infinity) throw new Error('nothing will ever happen')
        if (next === undefined || next.atMs > endMs) {
          now = endMs
          return undefined
        }
        timers.shift()
        now = Math.max(now, next.atMs)
        next.call()
      }
    },
  }
}
export type World = ReturnType<typeof createWorld>
