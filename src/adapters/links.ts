// Links in Workers KV, and in a Durable Object each where something is counted or must hold at once.
// Consistency: in an object, exact and immediate. In KV a link is written once; whatever changes it moves it to its
// object, which KV shows elsewhere within 60 seconds. Lists are KV's, so that a new link may take as long to appear.
// Limits: a list costs one read of KV for the page. Failure, or no answer in TIMEOUT_MS: `links_unavailable`, never an
// open link; nothing is tried again here, since what is late may have been counted.
import { hashText, toBytes } from '../core/bytes.ts'
import { toBase64Url } from '../core/base64url.ts'
import { type LinkRecord, storeOf, type StoredLink, toPurgeSeconds } from '../core/link/record.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Clock, LinkIndex, Links as LinksPort, LinkStoreFault } from '../ports.ts'
import { inTime } from './in-time.ts'
import type { Links } from './link-object.ts'

const TIMEOUT_MS = 3000
/** In place of a record whose truth is in its object. */
const MOVED = 'moved'
/** Bytes of a key in the name of an index entry; KV takes 512 in all. */
const MAX_PLACE_BYTES = 400

/** Start of the names of index entries; an owner is hashed, so that names say nothing about people. */
async function toIndexStart(index: LinkIndex): Promise<string> {
  if (!('owner' in index)) {
    const bytes = toBytes(index.prefix).slice(0, MAX_PLACE_BYTES)
    return `links:at:${index.bucket}:${new TextDecoder().decode(bytes).replace(/\ufffd+$/, '')}`
  }
  const { issuer, subject } = index.owner
  const digest = await hashText(JSON.stringify([issuer, subject]))
  return `links:of:${toBase64Url(new Uint8Array(digest))}:`
}

/** As the object wrote it. */
const toStored = (text: string): StoredLink => JSON.parse(text) as StoredLink

/** Later times first. */
function toReverse(seconds: number): string {
  return String(1e11 - seconds)
}

export function createLinks(
  kv: KVNamespace,
  namespace: DurableObjectNamespace<Links>,
  clock: Clock,
): LinksPort {
  async function attempt<T>(work: () => Promise<T>): Promise<Result<T, LinkStoreFault>> {
    try {
      return ok(await inTime(clock, TIMEOUT_MS, work()))
    } catch {
      return err({ kind: 'links_unavailable' })
    }
  }

  const objectOf = (id: string) => namespace.get(namespace.idFromName(id))
  const mintedOf = (tag: string) => objectOf(`minted ${tag}`)
  const nameOf = (id: string): string => `link:${id}`

  async function readPlain(id: string): Promise<LinkRecord | typeof MOVED | null> {
    return storeOf(id)?.exact === true ? MOVED : kv.get(nameOf(id), 'json')
  }

  /** Lets the object take over: first it knows, then KV sends everybody there. */
  async function move(id: string, { expiresAtSeconds }: LinkRecord): Promise<void> {
    if (storeOf(id)?.exact === true) return
    const expiration = toPurgeSeconds(Math.max(expiresAtSeconds, Date.now() / 1000))
    await kv.put(nameOf(id), JSON.stringify(MOVED), { expiration })
  }

  async function putIndex(id: string, record: LinkRecord): Promise<void> {
    const { bucket, keys, prefix } = record
    const place = { bucket, prefix: prefix ?? keys?.[0] ?? '' }
    const expiration = toPurgeSeconds(record.expiresAtSeconds)
    const mine = `${await toIndexStart(record)}${toReverse(record.createdAtSeconds)}`
    for (const start of [mine, await toIndexStart(place)])
      await kv.put(`${start}\n${id}`, '', { expiration })
  }

  return {
    create: (id, record) =>
      attempt(async () => {
        if (storeOf(id)?.exact === true) await objectOf(id).create(record)
        else
          await kv.put(nameOf(id), JSON.stringify(record), {
            expiration: toPurgeSeconds(record.expiresAtSeconds),
          })
        await putIndex(id, record)
        return null
      }),
    read: (id, minted) =>
      attempt(async () => {
        const record = minted === undefined ? await readPlain(id) : MOVED
        if (record === MOVED) {
          const text = await (minted ? mintedOf(id) : objectOf(id)).read(minted)
          return text === null ? null : toStored(text)
        }
        return record && { record, used: 0, frozen: false, revoked: false }
      }),
    change: (id, record, change) =>
      attempt(async () => {
        const link = toStored(await objectOf(id).change(record, change))
        await move(id, link.record)
        // KV takes one write a second of a name: what would write the same again is left out.
        if (change.expiresAtSeconds !== undefined) await putIndex(id, link.record)
        return link
      }),
    revoke: (id, record) =>
      attempt(async () => {
        await objectOf(id).revoke(record)
        await move(id, record)
        return null
      }),
    take: (id, network, isRepeat, minted) =>
      attempt(() => (minted ? mintedOf(id) : objectOf(id)).take(network, isRepeat, minted)),
    place: (id, ask, minted) =>
      attempt(() => (minted ? mintedOf(id) : objectOf(id)).place(ask, minted)),
    attempt: (id) => attempt(() => objectOf(id).attempt()),
    forgive: (id) => attempt(async () => (await objectOf(id).forgive(), null)),
    list: (index, { cursor, limit }) =>
      attempt(async () => {
        const prefix = await toIndexStart(index)
        const page = await kv.list({ prefix, limit, ...(cursor !== undefined && { cursor }) })
        return {
          ids: page.keys.map(({ name }) => name.slice(-22)),
          ...(!page.list_complete && { cursor: page.cursor }),
        }
      }),
  }
}
