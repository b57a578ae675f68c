// Splits a compact JWS (RFC 7515 §7.1) strictly: one way to write one token.
import { fromBase64Url } from '../base64url.ts'
import { err, ok, type Result } from '../result.ts'
import type { TokenFault } from './fault.ts'
import type { Json } from './session.ts'
import { parseStrictJson } from './strict-json.ts'

export const MAX_TOKEN_CHARACTERS = 8192

export interface CompactToken {
  readonly header: { readonly [name: string]: Json }
  readonly payload: { readonly [name: string]: Json }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The JSON object of a header or payload; null for anything else. */
export function parsePart(
  bytes: Uint8Array<ArrayBuffer>,
): { readonly [name: string]: Json } | null {
  try {
    const json = parseStrictJson(decoder.decode(bytes))
    if (!json.ok || typeof json.value !== 'object' || json.value === null) return null
    return isList(json.value) ? null : json.value
  } catch {
    return null
  }
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

interface CompactParts {
  readonly header: Uint8Array<ArrayBuffer>
  readonly payload: Uint8Array<ArrayBuffer>
}

/** The bytes of the three parts, each strict base64url and none of them empty. */
export function splitCompact(token: string): Result<CompactParts, TokenFault> {
  if (token.length > MAX_TOKEN_CHARACTERS) return err({ reason: 'malformed', part: 'token' })
  const [head = '', body = '', signature = '', ...more] = token.split('.')
  if (more.length > 0 || head === '' || body === '' || signature === '') {
    return err({ reason: 'malformed', part: 'token' })
  }
  // Refuses padding, white space and unused bits, which lenient decoders skip.
  const [header, payload] = [fromBase64Url(head), fromBase64Url(body)]
  if (header === null) return err({ reason: 'malformed', part: 'header' })
  if (payload === null) return err({ reason: 'malformed', part: 'payload' })
  if (fromBase64Url(signature) === null) return err({ reason: 'malformed', part: 'signature' })
  return ok({ header, payload })
}

export function parseCompact(token: string): Result<CompactToken, TokenFault> {
  const split = splitCompact(token)
  if (!split.ok) return split
  const header = parsePart(split.value.header)
  if (header === null) return err({ reason: 'malformed', part: 'header' })
  const payload = parsePart(split.value.payload)
  if (payload === null) return err({ reason: 'malformed', part: 'payload' })
  return ok({ header, payload })
}
