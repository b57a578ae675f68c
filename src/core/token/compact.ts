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

function parseObject(text: string): { readonly [name: string]: Json } | null {
  // Refuses padding, white space and unused bits, which lenient decoders skip.
  const bytes = fromBase64Url(text)
  if (bytes === null) return null
  try {
    const json = parseStrictJson(
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
    )
    if (!json.ok || typeof json.value !== 'object' || json.value === null) return null
    return isList(json.value) ? null : json.value
  } catch {
    return null
  }
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

export function parseCompact(token: string): Result<CompactToken, TokenFault> {
  if (token.length > MAX_TOKEN_CHARACTERS) return err({ reason: 'malformed', part: 'token' })
  const [head = '', body = '', signature = '', ...more] = token.split('.')
  if (more.length > 0 || head === '' || body === '' || signature === '') {
    return err({ reason: 'malformed', part: 'token' })
  }
  const header = parseObject(head)
  if (header === null) return err({ reason: 'malformed', part: 'header' })
  const payload = parseObject(body)
  if (payload === null) return err({ reason: 'malformed', part: 'payload' })
  if (fromBase64Url(signature) === null) return err({ reason: 'malformed', part: 'signature' })
  return ok({ header, payload })
}
