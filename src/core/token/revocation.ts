// Revocation: which records end a token before its time, how they are named, and what they say of a session.
import { hashText } from '../bytes.ts'
import { toBase64Url } from '../base64url.ts'
import type { Session } from './session.ts'

/** A token by its id: `rev:` and the hash of (iss, jti). Never by its text, which has many spellings. */
export function toRevocationName(issuer: string, tokenId: string): Promise<string> {
  return toName('rev', issuer, tokenId)
}

/** All tokens of a subject issued up to a moment: `cut:` and the hash of (iss, sub). */
export function toCutName(issuer: string, subject: string): Promise<string> {
  return toName('cut', issuer, subject)
}

/** Hashed, so that names are short, of one length and say nothing about people. */
async function toName(kind: 'rev' | 'cut', ...names: readonly string[]): Promise<string> {
  const hash = await hashText(JSON.stringify(names))
  return `${kind}:${toBase64Url(new Uint8Array(hash))}`
}

/** What stands in a `cut:` record: whole seconds since 1970. */
export function toCutRecord(issuedUntilSeconds: number): string {
  return String(Math.floor(issuedUntilSeconds))
}

/**
 * Whether the records end this session; `revocation` and `cut` are their texts, null where there is none.
 * A token without `iat` cannot show that it is younger than a cut; a record that is no number cuts everything.
 */
export function isRevoked(
  session: Pick<Session, 'issuedAtSeconds'>,
  revocation: string | null,
  cut: string | null,
): boolean {
  if (revocation !== null) return true
  if (cut === null) return false
  const { issuedAtSeconds } = session
  // By whole seconds on both sides: an `iat` with a fraction must not outlive a cut of the same second.
  const isYounger = issuedAtSeconds !== undefined && Math.floor(issuedAtSeconds) > Number(cut)
  return !/^\d{1,12}$/.test(cut) || !isYounger
}
