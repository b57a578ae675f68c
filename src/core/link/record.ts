// A link as it is stored, which store it lives in, and in which state it is.
import type { LINK_STATES, LinkTerms, UploadTerms } from '../../contract/link.ts'
import { fromBase64Url, toBase64Url } from '../base64url.ts'
import type { Grant } from '../policy/grant.ts'
import { parseNarrowing } from '../policy/narrow.ts'
import type { PrefixTemplate } from '../policy/prefix.ts'
import type { Session } from '../token/session.ts'

export interface LinkRecord {
  /** Whose grants decide, at every opening; with the claims that grants look at. */
  /** With the `iat` of the token that made it: a cut that came between ends what it made, too. */
  readonly owner: Pick<Session, 'issuer' | 'subject' | 'claims' | 'issuedAtSeconds'>
  readonly createdAtSeconds: number
  readonly expiresAtSeconds: number
  readonly bucket: string
  /** The objects, or all below the prefix. */
  readonly keys?: readonly string[]
  readonly prefix?: string
  /** Files are sent in below the prefix; nothing is opened. */
  readonly upload?: UploadTerms
  readonly terms: LinkTerms
  /** Salt and hash, never the password. */
  readonly password?: string
}

/** Files sent in by a link, by the nonces of their uploads: until when the place is kept, null once it is filled. */
export type Places = readonly (readonly [nonce: string, untilMs: number | null])[]

export type PlaceAsk =
  /** Before an upload is opened. */
  | { readonly kind: 'keep'; readonly nonce: string; readonly untilMs: number }
  /** Before its object comes to be. */
  | { readonly kind: 'fill'; readonly nonce: string }
  /** When nothing can come of it any more; a filled one only if nothing is left of its object. */
  | { readonly kind: 'free'; readonly nonce: string; readonly isFilledToo: boolean }

/** A record and what has happened to it. */
export interface StoredLink {
  readonly record: LinkRecord
  /** Downloads granted, or files received. */
  readonly used: number
  readonly frozen: boolean
  readonly revoked: boolean
  readonly places?: Places
}

export type LinkState = (typeof LINK_STATES)[number]

/** An opening: taken, or the state that stands against it; `isFresh` when this opening froze the link. */
export interface Taking {
  readonly state: LinkState
  readonly isFresh: boolean
}

/** What stands against a place: the link's state, none free, or that the upload has none any more. */
export type PlaceState = LinkState | 'full' | 'lost'

/** Spent is the last to be said: whoever has taken a download passes it, and must pass nothing else. */
export function stateOf(link: StoredLink, nowMs: number): LinkState {
  const { record, used, frozen, revoked } = link
  if (revoked) return 'revoked'
  if (nowMs >= record.expiresAtSeconds * 1000) return 'expired'
  if (frozen) return 'frozen'
  // A time that cannot be read has not come: a rule that nobody understands is not "no rule".
  if (!(nowMs >= Date.parse(record.terms.notBefore ?? '1970-01-01T00:00Z'))) return 'not_yet'
  return used >= (record.upload?.maxFiles ?? record.terms.maxDownloads ?? Infinity)
    ? 'spent'
    : 'active'
}

/** Whether openings are counted, to bound them or for a tripwire. */
export function isCounted({ maxDownloads, tripwire }: LinkTerms): boolean {
  return (maxDownloads ?? tripwire) !== undefined
}

/** Whether it needs a Durable Object: something is counted, or must hold at once. */
export function isExact({ terms, password, upload }: Omit<LinkRecord, 'owner'>): boolean {
  const { strict, delivery } = terms
  const isBound = isCounted(terms) || (password ?? upload) !== undefined
  return isBound || strict === true || delivery === 'stream'
}

const DAYS_30 = 30 * 86_400

/** When nothing of it is known any more: 30 days after its end. */
export function toPurgeSeconds(endSeconds: number): number {
  return endSeconds + DAYS_30
}

const ID = /^[\w-]{21}[AQgw]$/

/**
 * An id of 16 random bytes. Its last bit says which store the link began in, so that nobody has to be
 * asked in vain: neither an object be woken nor KV's memory of absence be filled by guesses.
 */
export function toLinkId(random: Uint8Array<ArrayBuffer>, exact: boolean): string {
  return toBase64Url(random.with(15, ((random[15] ?? 0) & 0xfe) | Number(exact)))
}

/** Whether the id's store is the exact one; null for a text that is no id. */
export function storeOf(id: string): { readonly exact: boolean } | null {
  const bytes = ID.test(id) ? fromBase64Url(id) : null
  return bytes === null ? null : { exact: ((bytes[15] ?? 0) & 1) === 1 }
}

/** The session in whose name a link is opened: it ends with the link, and is as narrow as the token was. */
export function toOwnerSession({ owner, expiresAtSeconds }: LinkRecord): Session {
  const narrowing = Object.hasOwn(owner.claims, NARROWING)
    ? parseNarrowing(owner.claims[NARROWING] ?? null)
    : undefined
  return {
    ...owner,
    expiresAtSeconds,
    // What is no narrowing any more must not mean that nothing is narrowed.
    ...(narrowing !== undefined && { narrowing: narrowing.ok ? narrowing.value : [] }),
  }
}

const NARROWING = 'postern'
const namesIn = ({ segments }: PrefixTemplate): string[] =>
  segments.flatMap((segment) => (segment.kind === 'claim' ? [segment.name] : []))

/** What a link keeps of its owner's claims: those that grants look at, and what narrows them. */
export function keepClaims(session: Session, grants: readonly Grant[]): Session['claims'] {
  const narrowed = session.narrowing?.flatMap(({ covers }) =>
    covers.kind === 'prefix' ? namesIn(covers.template) : [],
  )
  const granted = grants.flatMap(({ when, prefix }) => [...when.keys(), ...namesIn(prefix)])
  const names = new Set([NARROWING, ...granted, ...(narrowed ?? [])])
  return Object.fromEntries(Object.entries(session.claims).filter(([name]) => names.has(name)))
}
