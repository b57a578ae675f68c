// The sealed cookie of a link: which of its files its holder has opened, so that going on costs nothing more.
import { toBytes } from '../bytes.ts'
import * as v from 'valibot'
import { type SealingKey, seal, unseal } from '../seal.ts'
import { findCookies } from '../token/credential.ts'

/** How long whoever spent a download may come back for it. */
export const SPENT_SECONDS = 300
/** For everything the link opens (a session), and for its password alone: neither is the name of a file. */
export const ALL_FILES = '/'
export const PASSWORD_ONLY = ''

/** Files with the second until which each is open. */
export type Opened = readonly (readonly [file: string, untilSeconds: number])[]

const layout = v.strictTuple([v.string(), v.array(v.strictTuple([v.string(), v.number()]))])
/** Far below what browsers keep. */
const MAX_CHARACTERS = 2000

/** Its own for each link: `tag` is the id, or the hash of a link token. `proof` changes with the password. */
const nameOf = (tag: string): string => `__Secure-link-${tag}`

export async function readLinkCookie(
  keys: readonly SealingKey[],
  cookies: string,
  tag: string,
  proof: string,
  nowSeconds: number,
): Promise<Opened> {
  const [sealed, ...more] = findCookies(cookies, nameOf(tag))
  // Of two with one name, one may have been planted.
  if (sealed === undefined || more.length > 0) return []
  const plain = await unseal(keys, 'link-cookie', sealed)
  if (plain === null) return []
  const [of, opened] = v.parse(layout, JSON.parse(new TextDecoder().decode(plain)))
  return of === proof ? opened.filter(([, until]) => until > nowSeconds) : []
}

/** `Set-Cookie` with one more file open. */
export async function toLinkCookie(
  keys: readonly SealingKey[],
  tag: string,
  proof: string,
  opened: Opened,
  file: string,
  untilSeconds: number,
  nowSeconds: number,
  nonce: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const all = [...opened.filter(([other]) => other !== file), [file, untilSeconds] as const]
  while (all.length > 1 && JSON.stringify(all).length > MAX_CHARACTERS) all.shift()
  const plain = toBytes(JSON.stringify([proof, all]))
  const age = Math.max(...all.map(([, until]) => until)) - nowSeconds
  const sealed = await seal(keys, 'link-cookie', plain, nonce)
  return `${nameOf(tag)}=${sealed}; Path=/l; Max-Age=${age}; Secure; HttpOnly; SameSite=Lax`
}
