// `postern token`: mints a development token with the local session secret.
import { SignJWT } from 'jose/jwt/sign'
import { loadSecrets } from '../../scripts/local.ts'
import { parseSecretText } from '../core/token/keys.ts'
import { readOptions, toSeconds, UsageError } from './usage.ts'

export interface TokenRequest {
  readonly issuer: string
  readonly audience: string
  readonly secret: Uint8Array
  readonly sub: string
  readonly claims: { readonly [name: string]: string }
  /** Seconds. */
  readonly expiresIn: number
}

/** A signed session token (HS256) with an id of its own. */
export function mintDevelopmentToken(request: TokenRequest): Promise<string> {
  return new SignJWT({ ...request.claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(request.issuer)
    .setAudience(request.audience)
    .setSubject(request.sub)
    .setJti(crypto.randomUUID())
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + request.expiresIn)
    .sign(request.secret)
}

function toClaims(texts: readonly string[]): { readonly [name: string]: string } {
  const entries = texts.map((text) => {
    const equals = text.indexOf('=')
    if (equals < 1) throw new UsageError('--claim is name=value')
    return [text.slice(0, equals), text.slice(equals + 1)] as const
  })
  return Object.fromEntries(entries)
}

export async function mintToken(args: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(args, {
    sub: { type: 'string' },
    claim: { type: 'string', multiple: true, default: [] },
    'expires-in': { type: 'string', default: '43200' },
    port: { type: 'string', default: '8787' },
  })
  if (positionals.length > 0) throw new UsageError('token takes options only')
  if (values.sub === undefined || values.sub === '') throw new UsageError('--sub is required')
  const secret = parseSecretText(loadSecrets()['SESSION_SECRET'] ?? '')
  if (secret === null)
    throw new UsageError('the local session secret is malformed: delete .dev.vars.local')
  const base = `http://localhost:${values.port}`
  const token = await mintDevelopmentToken({
    issuer: `${base}/dev`,
    audience: base,
    secret,
    sub: values.sub,
    claims: toClaims(values.claim),
    expiresIn: toSeconds(values['expires-in'], '--expires-in', 1),
  })
  console.log(token)
  return 0
}
