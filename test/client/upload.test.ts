// The client's decisions in virtual time: what is sent when, how often, and what becomes of it.
import { describe, expect, test } from 'vitest'
import { createWorld, type Fate, MIB, type Sent, toFile } from './world.ts'

const options = { bucket: 'media', prefix: 'users/' }
const countOf = (calls: readonly string[], pattern: RegExp): number =>
  calls.filter((call) => pattern.test(call)).length
const numbers = (sent: readonly Sent[]): number[] =>
  sent.map(({ partNumber }) => partNumber).toSorted((a, b) => a - b)
const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1)

/** The fate of the first tries of some parts. */
function failing(first: (sent: Sent, tries: number) => Fate): (sent: Sent) => Fate {
  const tries = new Map<string, number>()
  return (sent) => {
    const name = `${sent.key} ${sent.partNumber}`
    tries.set(name, (tries.get(name) ?? 0) + 1)
    return first(sent, tries.get(name) ?? 0)
  }
}

describe('a quiet line', () => {
  test('1 GiB: every part once, six at a time, four calls and the session', async () => {
    const { tab, pass, sent, calls, mostFlying } = createWorld()
    const upload = tab().upload(toFile(1024 * MIB), options)
    expect(await pass(upload.done)).toMatchObject({ size: 1024 * MIB, key: 'users/a.bin' })
    expect(numbers(sent)).toEqual(range(128))
    expect(mostFlying()).toBe(6)
    expect(calls).toEqual([
      'GET /v1/session',
      'POST /v1/uploads',
      'POST /v1/uploads/ticket1/parts',
      'POST /v1/uploads/ticket1/complete',
    ])
    expect(upload.progress).toMatchObject({ state: 'done', sentBytes: 1024 * MIB })
  })

  test.each(['crc64nvme', 'md5'] as const)(
    'sums that are signed (%s): each part has its own, in at most five calls per GiB',
    async (part) => {
      const { tab, world, pass, sent, calls } = createWorld()
      world.verify = { part }
      await pass(tab().upload(toFile(1024 * MIB), options).done)
      expect(sent.map(({ headers }) => headers['x-sum'])).toEqual(
        Array.from({ length: 128 }, () => btoa(`${part}-${8 * MIB}`.padEnd(16, '\0').slice(0, 16))),
      )
      expect(calls.length).toBeLessThanOrEqual(5)
    },
  )

  test('2000 small files: at most 50 calls, one budget', async () => {
    const { tab, pass, sent, calls, mostFlying } = createWorld()
    const client = tab()
    const uploads = range(2000).map((at) => client.upload(toFile(at, `${at}.txt`), options))
    await pass(Promise.all(uploads.map(({ done }) => done)))
    expect(sent).toHaveLength(2000)
    expect(mostFlying()).toBe(6)
    expect(calls.length).toBeLessThanOrEqual(50)
  })

  test('several large files share the budget, the first first', async () => {
    const { tab, pass, sent, mostFlying } = createWorld()
    const client = tab(3)
    const files = ['a', 'b', 'c'].map((name) => client.upload(toFile(40 * MIB, name), options))
    await pass(Promise.all(files.map(({ done }) => done)))
    expect(mostFlying()).toBe(3)
    expect(sent.slice(0, 3).map(({ key }) => key)).toEqual(['users/a', 'users/a', 'users/a'])
    expect(numbers(sent.filter(({ key }) => key === 'users/c'))).toEqual(range(5))
  })

  test('speed and time left are told while it runs', async () => {
    const { tab, world, pass } = createWorld()
    world.sendMs = 400
    const seen: { bytesPerSecond: number; etaSeconds: number | null }[] = []
    const onProgress = (now: (typeof seen)[number]): void => void seen.push(now)
    await pass(tab(1).upload(toFile(80 * MIB), { ...options, onProgress }).done)
    const last = seen.findLast(({ etaSeconds }) => etaSeconds !== null)
    expect(last?.bytesPerSecond).toBeGreaterThan(15 * MIB)
    expect(last?.bytesPerSecond).toBeLessThan(25 * MIB)
  })
})

describe('rules of the server', () => {
  const grant = { bucket: 'media', prefix: 'users/', allow: ['upload'] }
  test.each([
    ['another prefix', { ...options, prefix: 'others/' }, 'forbidden'],
    ['another bucket', { ...options, bucket: 'b' }, 'forbidden'],
    ['too many bytes', { ...options, key: 'users/big' }, 'too_large'],
    ['a type', { ...options, type: 'video/mp4' }, 'unsupported_type'],
    ['no key', { ...options, key: 'users/../x' }, 'invalid_request'],
  ])('%s is refused before anything is asked', async (_, wanted, code) => {
    const { tab, world, pass, calls } = createWorld()
    world.grants = [{ ...grant, maxBytes: 100, types: ['text/*'] }]
    const upload = tab().upload(toFile(101), { type: 'text/plain', ...wanted })
    await pass(upload.done)
    expect(upload.error).toMatchObject({ code, retryable: false })
    expect(calls).toEqual(['GET /v1/session'])
  })
})

describe('failures', () => {
  test('parts that fail are sent again, only those', async () => {
    const { tab, world, pass, sent } = createWorld()
    world.fate = failing(({ partNumber }, tries) => {
      if (tries > 1) return null
      if (partNumber === 2) return { status: 503 }
      return partNumber === 3 ? { lostAfter: MIB } : partNumber === 5 ? { status: 500 } : null
    })
    await pass(tab().upload(toFile(64 * MIB), options).done)
    expect(numbers(sent)).toEqual([1, 2, 2, 3, 3, 4, 5, 5, 6, 7, 8])
  })

  test('Retry-After is waited for', async () => {
    const { tab, world, pass, sent } = createWorld()
    world.fate = failing((_, tries) =>
      tries > 1 ? null : { status: 503, header: (name) => (name === 'Retry-After' ? '7' : null) },
    )
    await pass(tab().upload(toFile(100), options).done)
    const [first, second] = sent.map(({ atMs }) => atMs)
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(7000)
  })

  test('a URL that died is signed again, at once; a clock an hour off does no harm', async () => {
    for (const skewMs of [0, 3_600_000, -3_600_000]) {
      const { tab, world, pass, sent, uploads } = createWorld()
      Object.assign(world, { skewMs, lifeMs: 2000, sendMs: 700 })
      const upload = tab().upload(toFile(200 * MIB), options)
      expect(await pass(upload.done)).toMatchObject({ size: 200 * MIB })
      expect(uploads.get('ticket1')?.parts.size).toBe(25)
      // Few are tried with a dead URL: the server's time tells.
      expect(sent.length).toBeLessThanOrEqual(25 + 6)
    }
  })

  test('a stalled socket is given up within 15 seconds', async () => {
    const { tab, world, pass, sent } = createWorld()
    world.fate = failing((_, tries) => (tries > 1 ? null : 'stalled'))
    await pass(tab().upload(toFile(100), options).done)
    const [first, second] = sent.map(({ atMs }) => atMs)
    expect((second ?? 0) - (first ?? 0)).toBeLessThanOrEqual(15_500)
  })

  test('what arrives otherwise than it was sent is sent again, that part alone', async () => {
    const { tab, world, pass, sent, uploads } = createWorld()
    world.fate = failing(({ partNumber }, tries) =>
      partNumber === 3 && tries === 1 ? 'corrupt' : null,
    )
    await pass(tab().upload(toFile(40 * MIB), options).done)
    expect(numbers(sent)).toEqual([1, 2, 3, 3, 4, 5])
    expect(uploads.get('ticket1')?.state).toBe('complete')
  })

  test.each([
    ['etag', 5],
    ['crc64nvme', 5],
  ] as const)(
    'a part is read for its sum once, however often it is sent (%s)',
    async (part, count) => {
      const { tab, world, ports, pass, sent } = createWorld()
      world.verify = { part }
      world.fate = failing((_, tries) => {
        if (tries > 3) return null
        return tries === 2 ? { status: 403 } : { lostAfter: 8 * MIB }
      })
      let sums = 0
      const hash: typeof ports.hash = (...asked) => {
        sums += 1
        return ports.hash(...asked)
      }
      await pass(tab(6, { hash }).upload(toFile(40 * MIB), options).done)
      expect([sent.length, sums]).toEqual([4 * count, count])
    },
  )

  test('a file that changes between two tries of a part is not stored as if it were one', async () => {
    const { tab, world, ports, pass, uploads } = createWorld()
    world.fate = failing((_, tries) => (tries === 1 ? { status: 503 } : 'corrupt'))
    let sums = 0
    const hash: typeof ports.hash = async (...asked) => {
      sums += 1
      return sums > 5 ? btoa('corrupt'.padEnd(16, '\0')) : ports.hash(...asked)
    }
    const upload = tab(6, { hash }).upload(toFile(40 * MIB), options)
    await pass(upload.done)
    expect(upload.error?.code).toBe('checksum_mismatch')
    await pass(50)
    expect(uploads.get('ticket1')?.state).toBe('gone')
  })

  test('a part that could not be read for its sum is read again at its next try', async () => {
    const { tab, world, ports, pass, sent } = createWorld()
    world.fate = failing((_, tries) => {
      if (tries > 2) return null
      return tries === 1 ? { status: 503 } : 'corrupt'
    })
    let sums = 0
    const hash: typeof ports.hash = async (...asked) => {
      sums += 1
      return sums > 3 ? ports.hash(...asked) : null
    }
    await pass(tab(6, { hash }).upload(toFile(24 * MIB), options).done)
    expect(numbers(sent)).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3])
  })

  test('a file that cannot be read any more is dropped at the gateway', async () => {
    const { tab, world, pass, uploads, records } = createWorld()
    world.fate = () => ({ lostAfter: MIB })
    const gone = { arrayBuffer: () => Promise.reject(new Error('gone')) }
    const part = { size: 8 * MIB, slice: () => gone }
    const file = Object.assign(toFile(24 * MIB), { slice: () => part })
    const upload = tab().upload(file, options)
    await pass(upload.done)
    expect(upload.error).toMatchObject({ code: 'unreadable', retryable: false })
    await pass(50)
    expect([uploads.get('ticket1')?.state, records.size]).toEqual(['gone', 0])
  })

  test('a limit that asks for an hour is told at once, by its name', async () => {
    const { tab, world, pass, now } = createWorld()
    const startedAt = now()
    const problem = JSON.stringify({ code: 'rate_limited', detail: 'Later.' })
    const init = { status: 429, headers: { 'Retry-After': '3600' } }
    world.refuse = (_, path) => (path === '/v1/uploads' ? new Response(problem, init) : null)
    const upload = tab().upload(toFile(24 * MIB), options)
    await pass(upload.done)
    expect(upload.error).toMatchObject({ code: 'rate_limited', status: 429, retryable: true })
    expect(upload.error?.retryAfterMs).toBe(3_600_000)
    expect(now() - startedAt).toBeLessThan(1000)
  })

  test('ten minutes without progress end it; the error says that a retry makes sense', async () => {
    const { tab, world, pass, now } = createWorld()
    world.fate = () => ({ status: 503 })
    const from = now()
    const upload = tab().upload(toFile(100), options)
    await pass(upload.done)
    expect(upload.error).toMatchObject({ code: 'timeout', retryable: true })
    expect(now() - from).toBeGreaterThan(590_000)
    expect(now() - from).toBeLessThan(640_000)
  })

  test('a gateway that fails is asked again; a refusal for good ends it with its code and id', async () => {
    const { tab, world, pass } = createWorld()
    let failures = 3
    world.refuse = (_, path) => {
      if (path !== '/v1/uploads') return null
      failures -= 1
      if (failures >= 0) return new Response('<html>', { status: 502 })
      const problem = { status: 403, code: 'forbidden', detail: 'No.', requestId: 'r1' }
      return new Response(JSON.stringify(problem), { status: 403 })
    }
    const upload = tab().upload(toFile(100), options)
    await pass(upload.done)
    expect(upload.error).toMatchObject({
      code: 'forbidden',
      status: 403,
      requestId: 'r1',
      retryable: false,
      message: 'No.',
    })
    expect(failures).toBe(-1)
  })

  test.each(['null', '[]', '"no"', '0', '{"errors":null,"code":null}', '<html>', ''])(
    'what a proxy answers in place of the gateway is an error of ours: %s',
    async (body) => {
      const { tab, world, pass } = createWorld()
      world.refuse = () => new Response(body, { status: 400 })
      const refusal = tab()
        .session.read()
        .catch((error: unknown) => error)
      expect(await pass(refusal)).toMatchObject({
        name: 'PosternError',
        code: 'internal',
        status: 400,
        requestId: '',
        errors: [],
        retryable: false,
      })
    },
  )

  test('what S3 refuses for good is dropped at the gateway, and the next try begins anew', async () => {
    const { tab, world, pass, calls, uploads } = createWorld()
    world.fate = () => ({ status: 400 })
    const page = tab()
    const first = page.upload(toFile(24 * MIB), options)
    await pass(first.done)
    expect(first.error).toMatchObject({ code: 'storage', status: 400, retryable: false })
    expect(calls.at(-1)).toBe('DELETE /v1/uploads/ticket1')
    world.fate = () => null
    await pass(page.upload(toFile(24 * MIB), options).done)
    expect([...uploads.values()].map(({ state }) => state)).toEqual(['gone', 'complete'])
  })

  test('a limit that never allows so many at once makes batches smaller', async () => {
    const { tab, world, pass, sent } = createWorld()
    world.refuse = (_, __, body) => {
      const { requests } = (body ?? {}) as { requests?: unknown[] }
      return (requests?.length ?? 0) > 20
        ? new Response('{"code":"rate_limited","status":429}', {
            status: 429,
            headers: { 'Retry-After': '1' },
          })
        : null
    }
    const client = tab()
    const uploads = range(60).map((at) => client.upload(toFile(at, `${at}`), options))
    await pass(Promise.all(uploads.map(({ done }) => done)))
    expect(sent).toHaveLength(60)
  })

  test('a page that S3 does not answer is told so, soon', async () => {
    const { tab, world, pass, now } = createWorld()
    world.fate = () => ({ lostAfter: 0 })
    const upload = tab().upload(toFile(100), options)
    await pass(upload.done)
    expect(upload.error?.code).toBe('cors')
    expect(now() - 1_700_000_000_000).toBeLessThan(30_000)
  })

  test('a token that has ended is asked for again', async () => {
    const { ports, world, pass } = createWorld()
    const { createPosternOn } = await import('../../src/client/postern.ts')
    let made = 0
    const token = (): string => `token ${(made += 1)}`
    let isFirst = true
    world.refuse = () => {
      if (!isFirst) return null
      isFirst = false
      return new Response('{"code":"invalid_token","status":401}', { status: 401 })
    }
    const client = createPosternOn(ports, { baseUrl: 'https://files.test/', token })
    expect(await pass(client.session.read())).toMatchObject({ sub: 'alice' })
    expect(made).toBe(2)
  })
})

describe('an outage', () => {
  test.each([2000, 5000, 20_000])(
    'of %i ms: one probe at a time, on within two seconds',
    async (ms) => {
      const { tab, world, pass, sent, now, probed, mostProbes } = createWorld()
      world.sendMs = 200
      const upload = tab().upload(toFile(400 * MIB), options)
      await pass(1000)
      world.isUp = false
      const from = now()
      await pass(ms)
      const during = sent.filter(({ atMs }) => atMs > from)
      world.isUp = true
      const until = now()
      await pass(upload.done)
      // Those that were to start when the first failed.
      expect(during.length).toBeLessThanOrEqual(1)
      expect(mostProbes()).toBe(1)
      expect(probed.filter((at) => at > from && at < until).length).toBeGreaterThan(1)
      const next = sent.find(({ atMs }) => atMs > until)
      expect((next?.atMs ?? Infinity) - until).toBeLessThanOrEqual(2000)
      expect(upload.error).toBe(null)
    },
  )

  test('while it is verified it is told as well', async () => {
    const { tab, world, pass } = createWorld()
    const seen: string[] = []
    const upload = tab().upload(toFile(100), {
      ...options,
      onProgress({ state, isOffline }) {
        seen.push(`${state} ${isOffline}`)
        if (state === 'verifying' && !seen.includes('verifying true')) world.isUp = false
      },
    })
    await pass(5000)
    expect(seen.at(-1)).toBe('verifying true')
    world.isUp = true
    await pass(upload.done)
    expect(seen.at(-1)).toBe('done false')
  })

  test('an offline machine waits for days, and goes on when it is online', async () => {
    const { tab, world, pass, goOnline, sent, now } = createWorld()
    const seen: boolean[] = []
    const upload = tab().upload(toFile(400 * MIB), {
      ...options,
      onProgress: ({ isOffline }) => void seen.push(isOffline),
    })
    await pass(30)
    world.isOnline = world.isUp = false
    await pass(86_400_000)
    expect(seen.at(-1)).toBe(true)
    goOnline()
    const from = now()
    await pass(upload.done)
    expect((sent.find(({ atMs }) => atMs >= from)?.atMs ?? 0) - from).toBeLessThanOrEqual(100)
    expect(upload.progress.state).toBe('done')
  })
})

describe('pause, resume, abort', () => {
  test('paused, nothing more is sent; what was stored is not sent again', async () => {
    const { tab, pass, sent } = createWorld()
    const upload = tab(2).upload(toFile(80 * MIB), options)
    await pass(45)
    upload.pause()
    const before = sent.length
    await pass(60_000)
    expect([sent.length, upload.progress.state]).toEqual([before, 'paused'])
    upload.resume()
    await pass(upload.done)
    // Two were under way when it was paused.
    expect(sent.length).toBeLessThanOrEqual(12)
  })

  test('aborted, by signal as well, the gateway is told and nothing more is sent', async () => {
    const { tab, pass, sent, calls, records, uploads } = createWorld()
    const stop = new AbortController()
    const upload = tab().upload(toFile(400 * MIB), { ...options, signal: stop.signal })
    await pass(60)
    stop.abort()
    const before = sent.length
    await pass(10_000)
    expect(upload.error?.code).toBe('aborted')
    expect(sent.length).toBe(before)
    expect(calls.at(-1)).toBe('DELETE /v1/uploads/ticket1')
    expect([records.size, uploads.get('ticket1')?.state]).toEqual([0, 'gone'])
  })

  test('aborted while it is being opened, it is dropped when it is open', async () => {
    const { tab, pass, uploads } = createWorld()
    const upload = tab().upload(toFile(400 * MIB), options)
    await pass(27)
    void upload.abort()
    await pass(10_000)
    expect([...uploads.values()].map(({ state }) => state)).toEqual(['gone'])
  })
})

describe('after a reload', () => {
  test.each([true, false])('no stored part is sent again (S3 lists parts: %s)', async (canList) => {
    const { tab, world, pass, sent, ports } = createWorld()
    world.canList = canList
    // The page dies: whatever it would still do never happens.
    let isDead = false
    const dying = {
      ...ports,
      send: (...call: Parameters<typeof ports.send>) =>
        isDead ? new Promise<never>(() => {}) : ports.send(...call),
    }
    tab(2, dying).upload(toFile(80 * MIB), options)
    await pass(55)
    isDead = true
    await pass(1)
    const before = sent.length
    // Locks of a dead page are free: another world of locks.
    const { ports: fresh } = createWorld()
    const upload = tab(2, { locks: fresh.locks }).upload(toFile(80 * MIB), options)
    await pass(upload.done)
    expect(numbers([...sent.slice(0, before), ...sent.slice(before)])).toEqual(range(10))
  })

  test.each([true, false])(
    'completed, with an answer that nobody heard, it is done (S3 lists parts: %s)',
    async (canList) => {
      const { tab, world, pass, sent, calls, uploads, ports } = createWorld()
      world.canList = canList
      const dying: typeof ports = {
        ...ports,
        async fetch(url, init) {
          const answer = await ports.fetch(url, init)
          return String(url).endsWith('/complete') ? new Promise<never>(() => {}) : answer
        },
      }
      tab(2, dying).upload(toFile(40 * MIB), options)
      await pass(1000)
      expect(uploads.get('ticket1')?.state).toBe('complete')
      const { ports: fresh } = createWorld()
      const upload = tab(2, { ...ports, locks: fresh.locks }).upload(toFile(40 * MIB), options)
      expect(await pass(upload.done)).toMatchObject({ size: 40 * MIB })
      expect(numbers(sent)).toEqual(range(5))
      expect(countOf(calls, /^POST \/v1\/uploads$/)).toBe(1)
    },
  )

  test('a stored part of another size is sent again', async () => {
    const { tab, world, pass, sent, uploads, ports } = createWorld()
    world.fate = ({ partNumber }) => (partNumber > 2 ? 'stalled' : null)
    tab(2).upload(toFile(40 * MIB), options)
    await pass(60)
    const stored = uploads.get('ticket1')?.parts
    stored?.set(1, { size: 7, etag: 'x', sum: undefined })
    world.fate = () => null
    const { ports: fresh } = createWorld()
    const upload = tab(2, { ...ports, locks: fresh.locks }).upload(toFile(40 * MIB), options)
    await pass(upload.done)
    expect(numbers(sent).filter((part) => part <= 2)).toEqual([1, 1, 2])
  })

  test('what is gone at the gateway begins anew', async () => {
    const { tab, pass, uploads, ports } = createWorld()
    tab(2).upload(toFile(80 * MIB), options)
    await pass(55)
    const first = uploads.get('ticket1')
    if (first) first.state = 'gone'
    const { ports: fresh } = createWorld()
    const upload = tab(2, { ...ports, locks: fresh.locks }).upload(toFile(80 * MIB), options)
    expect(await pass(upload.done)).toMatchObject({ size: 80 * MIB })
  })

  test('pending uploads can be listed, resumed with the same file only, and discarded', async () => {
    const { tab, world, pass, ports, records, calls } = createWorld()
    world.fate = ({ partNumber }) => (partNumber > 2 ? 'stalled' : null)
    tab(2).upload(toFile(40 * MIB, 'a.bin'), options)
    await pass(60)
    const { ports: fresh } = createWorld()
    const client = tab(2, { ...ports, locks: fresh.locks })
    const pending = (await pass(client.pending())) ?? []
    expect(pending).toMatchObject([{ key: 'users/a.bin', size: 40 * MIB, hasHandle: false }])
    await expect(pending[0]?.resume({ file: toFile(41 * MIB) })).rejects.toMatchObject({
      code: 'unreadable',
    })
    world.fate = () => null
    const upload = await pending[0]?.resume({ file: toFile(40 * MIB, 'a.bin') })
    await pass(upload?.done ?? 0)
    expect([upload?.progress.state, records.size]).toEqual(['done', 0])
    expect(countOf(calls, /^POST \/v1\/uploads$/)).toBe(1)
  })
})

test('uploads whose time is over are not offered', async () => {
  const { tab, world, pass, ports, records } = createWorld()
  world.fate = () => 'stalled'
  tab().upload(toFile(40 * MIB), options)
  await pass(60)
  for (const [name, record] of records)
    records.set(name, {
      ...record,
      resumableUntil: new Date(ports.clock.now() - 1000).toISOString(),
    })
  const { ports: fresh } = createWorld()
  expect(await pass(tab(6, { ...ports, locks: fresh.locks }).pending())).toEqual([])
})

describe('two tabs', () => {
  test('send a file once; both are told', async () => {
    const { tab, pass, sent, calls } = createWorld()
    const [one, two] = [tab(2), tab(2)].map((client) => client.upload(toFile(40 * MIB), options))
    const answers = await pass(Promise.all([one?.done, two?.done]))
    expect(answers?.map((answer) => answer?.size)).toEqual([40 * MIB, 40 * MIB])
    expect(numbers(sent)).toEqual(range(5))
    expect(countOf(calls, /^POST \/v1\/uploads$/)).toBe(1)
  })
})
