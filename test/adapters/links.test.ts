// One contract for links whichever store they live in: KV, a Durable Object, and one that moved from one to the other.
import { env, runInDurableObject } from 'cloudflare:test'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/adapters/clock.ts'
import { createLinks } from '../../src/adapters/links.ts'
import type { LinkTerms } from '../../src/contract/link.ts'
import type { LinkChange } from '../../src/core/link/change.ts'
import { toLinkId, type LinkRecord, type StoredLink, stateOf } from '../../src/core/link/record.ts'
import type { Result } from '../../src/core/result.ts'
import type { Links } from '../../src/ports.ts'

const links = createLinks(env.POSTERN_KV, env.LINKS, systemClock)
const now = Math.floor(Date.now() / 1000)
const newId = (exact: boolean): string =>
  toLinkId(crypto.getRandomValues(new Uint8Array(16)), exact)

function recordOf(terms: LinkTerms, subject = 'alice'): LinkRecord {
  return {
    owner: { issuer: 'https://login.test', subject, claims: { role: 'member' } },
    createdAtSeconds: now,
    expiresAtSeconds: now + 3600,
    bucket: 'media',
    keys: [`users/${subject}/a.txt`],
    terms,
  }
}

/** What a store that works answers. */
function valueOf<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error('unavailable')
  return result.value
}
const read = async (id: string): Promise<StoredLink | null> => valueOf(await links.read(id))

const KINDS = ['KV', 'a Durable Object', 'KV, then moved'] as const
async function begin(kind: (typeof KINDS)[number], record: LinkRecord): Promise<string> {
  const id = newId(kind === 'a Durable Object')
  valueOf(await links.create(id, record))
  if (kind === 'KV, then moved') valueOf(await links.change(id, record, {}))
  return id
}

describe.each(KINDS)('a link in %s', (kind) => {
  test('is read as it was written, and nothing is read of an id that nobody made', async () => {
    const record = recordOf({ label: 'Grüße', countries: ['DE'] })
    const id = await begin(kind, record)
    expect(await read(id)).toMatchObject({ record, used: 0, frozen: false, revoked: false })
    expect(await read(newId(true))).toBeNull()
    expect(await read(newId(false))).toBeNull()
  })
  test('is changed, and keeps what was counted', async () => {
    const record = recordOf({})
    const id = await begin(kind, record)
    const change = async (wanted: LinkChange): Promise<StoredLink> =>
      valueOf(await links.change(id, record, wanted))
    expect((await change({ terms: { maxDownloads: 2 } })).record.terms).toEqual({ maxDownloads: 2 })
    expect(valueOf(await links.take(id, null))).toEqual({ state: 'active', isFresh: false })
    const frozen = await change({ terms: { maxDownloads: 3 }, frozen: true })
    expect(frozen).toMatchObject({ used: 1, frozen: true })
    expect(await read(id)).toEqual(frozen)
    expect(valueOf(await links.take(id, null)).state).toBe('frozen')
    await change({ frozen: false })
    expect(valueOf(await links.take(id, null)).state).toBe('active')
  })
  test('changes change what they name, however old the caller’s view', async () => {
    const old = recordOf({ label: 'old', countries: ['DE'] })
    const id = await begin(kind, old)
    const change = (wanted: LinkChange) => links.change(id, old, wanted)
    await Promise.all([
      change({ terms: { label: 'new' } }),
      change({ terms: { countries: null, maxDownloads: 5 } }),
      change({ password: 'hash' }),
      change({ expiresAtSeconds: now + 60 }),
    ])
    const { record } = valueOf(await change({ terms: { strict: true } }))
    expect(record).toEqual({
      ...old,
      terms: { label: 'new', maxDownloads: 5, strict: true },
      password: 'hash',
      expiresAtSeconds: now + 60,
    })
    expect(valueOf(await change({ password: null })).record).not.toHaveProperty('password')
  })
  test('is revoked for good, also when a change comes late or at the same time', async () => {
    const record = recordOf({})
    const id = await begin(kind, record)
    await Promise.all([
      links.change(id, record, { terms: { label: 'late' } }),
      links.revoke(id, record),
      links.change(id, record, { terms: { label: 'later' }, frozen: false }),
    ])
    const after = await links.change(id, record, { terms: { label: 'after' }, frozen: false })
    expect(valueOf(after)).toMatchObject({ revoked: true })
    expect(valueOf(after).record.terms.label).not.toBe('after')
    expect((await read(id))?.revoked).toBe(true)
  })
  test('is counted exactly under concurrency once it is counted', async () => {
    const id = await begin(kind, recordOf({}))
    valueOf(await links.change(id, recordOf({}), { terms: { maxDownloads: 7 } }))
    const taken = await Promise.all(Array.from({ length: 100 }, () => links.take(id, null)))
    expect(taken.filter((one) => valueOf(one).state === 'active')).toHaveLength(7)
  })
})

describe('a minted link', () => {
  test('is counted from its token alone, and is no stored link', async () => {
    const tag = newId(true)
    const minted = recordOf({ maxDownloads: 2 })
    expect(valueOf(await links.read(tag, minted))).toMatchObject({ record: minted, used: 0 })
    const states = []
    for (let times = 0; times < 3; times += 1)
      states.push(valueOf(await links.take(tag, null, false, minted)).state)
    expect(states).toEqual(['active', 'active', 'spent'])
    expect(await read(tag)).toBeNull()
    expect(valueOf(await links.read(tag, minted))?.used).toBe(2)
  })
  test('used up stays used up until 30 days after its token, and the last of one id', async () => {
    const tag = newId(true)
    const object = env.LINKS.get(env.LINKS.idFromName(`minted ${tag}`))
    const alarm = (): Promise<number | null> =>
      runInDurableObject(object, (_, { storage }) => storage.getAlarm())
    const until = (days: number): LinkRecord => ({
      ...recordOf({ maxDownloads: 1 }),
      expiresAtSeconds: now + days * 86_400,
    })
    valueOf(await links.read(tag, until(90)))
    expect(await alarm()).toBeNull()
    valueOf(await links.take(tag, null, false, until(90)))
    expect(await alarm()).toBe((now + 120 * 86_400) * 1000)
    valueOf(await links.read(tag, until(5)))
    expect(await alarm()).toBe((now + 120 * 86_400) * 1000)
    valueOf(await links.read(tag, until(99)))
    expect(await alarm()).toBe((now + 129 * 86_400) * 1000)
  })
})

test('guesses are counted before they are looked at: two hundred at once are ten', async () => {
  const id = await begin('a Durable Object', recordOf({}))
  const waits = await Promise.all(Array.from({ length: 200 }, () => links.attempt(id)))
  expect(waits.filter((wait) => valueOf(wait) === 0)).toHaveLength(10)
  expect(valueOf(await links.attempt(id))).toBeGreaterThan(500)
  valueOf(await links.forgive(id))
  expect(valueOf(await links.attempt(id))).toBe(0)
})

test('a tripwire freezes at one network too many, and tells it once', async () => {
  const id = await begin(
    'a Durable Object',
    recordOf({ tripwire: { networks: 2, withinMinutes: 5 } }),
  )
  const outcomes = []
  for (const network of ['a', 'b', 'a', 'c', 'a'])
    outcomes.push(valueOf(await links.take(id, network)))
  expect(outcomes.map(({ state, isFresh }) => `${state} ${isFresh}`)).toEqual([
    'active false',
    'active false',
    'active false',
    'frozen true',
    'frozen false',
  ])
})

describe('lists', () => {
  async function pages(index: Parameters<Links['list']>[0], limit: number): Promise<string[][]> {
    const all: string[][] = []
    let cursor: string | undefined
    do {
      const page = valueOf(
        await links.list(index, { limit, ...(cursor !== undefined && { cursor }) }),
      )
      all.push([...page.ids])
      cursor = page.cursor
    } while (cursor !== undefined)
    return all
  }
  test('of one owner: all of his and nobody else’s, newest first, page by page', async () => {
    const subject = crypto.randomUUID()
    const made: string[] = []
    for (let age = 0; age < 5; age += 1) {
      const id = newId(age % 2 === 0)
      const record = { ...recordOf({}, subject), createdAtSeconds: now - age }
      valueOf(await links.create(id, record))
      made.push(id)
    }
    valueOf(await links.create(newId(true), recordOf({}, `${subject}x`)))
    const owner = { issuer: 'https://login.test', subject }
    expect(await pages({ owner }, 2)).toEqual([made.slice(0, 2), made.slice(2, 4), made.slice(4)])
    expect(await pages({ owner: { ...owner, issuer: 'https://other.test' } }, 2)).toEqual([[]])
    const below = await pages({ bucket: 'media', prefix: `users/${subject}/` }, 10)
    expect(below.flat().toSorted()).toEqual(made.toSorted())
  })
  test('a key that is longer than an index entry is found below its prefix', async () => {
    const subject = crypto.randomUUID()
    const id = newId(true)
    const key = `users/${subject}/${'ä'.repeat(450)}`
    valueOf(await links.create(id, { ...recordOf({}, subject), keys: [key] }))
    expect(await pages({ bucket: 'media', prefix: `users/${subject}/` }, 10)).toEqual([[id]])
    expect(await pages({ bucket: 'media', prefix: key }, 10)).toEqual([[id]])
  })
})

test('a store that is down is not a link that is open', async () => {
  const down = new Proxy(env.POSTERN_KV, {
    get: () => () => Promise.reject(new Error('KV is down')),
  })
  const broken = createLinks(down, env.LINKS, systemClock)
  expect(await broken.read(newId(false))).toEqual({
    ok: false,
    error: { kind: 'links_unavailable' },
  })
  expect(await broken.create(newId(false), recordOf({}))).toEqual({
    ok: false,
    error: { kind: 'links_unavailable' },
  })
})

type Step = 'take' | 'freeze' | 'thaw' | 'revoke' | 'more'
const step = fc.constantFrom<Step>('take', 'take', 'take', 'freeze', 'thaw', 'revoke', 'more')

test(
  'any walk: never more is granted than allowed, nothing once revoked',
  { timeout: 60_000 },
  async () => {
    const rounds = fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), {
      minLength: 1,
      maxLength: 5,
    })
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...KINDS), rounds, async (kind, walk) => {
        let allowed = 3
        const id = await begin(kind, recordOf({}))
        const begun = recordOf({})
        const permit = { terms: { maxDownloads: allowed } }
        valueOf(await links.change(id, begun, permit))
        let [granted, isRevoked] = [0, false]
        for (const round of walk) {
          const wasRevoked = isRevoked
          const more = round.filter((name) => name === 'more').length
          if (more > 0) allowed += 1
          const raised = { terms: { maxDownloads: allowed } }
          const done = await Promise.all(
            round.map(async (name) => {
              if (name === 'take') return valueOf(await links.take(id, null)).state === 'active'
              if (name === 'revoke') await links.revoke(id, begun)
              if (name === 'freeze' || name === 'thaw')
                await links.change(id, begun, { frozen: name === 'freeze' })
              if (name === 'more') await links.change(id, begun, raised)
              return false
            }),
          )
          isRevoked ||= round.includes('revoke')
          const taken = done.filter(Boolean).length
          if (wasRevoked) expect(taken).toBe(0)
          granted += taken
          expect(granted).toBeLessThanOrEqual(allowed)
        }
        const stored = await read(id)
        expect(stored?.used).toBe(granted)
        expect(stored && stateOf(stored, Date.now()) === 'revoked').toBe(isRevoked)
      }),
      { numRuns: 12 },
    )
  },
)
