// The gateway as benches run it: its variables, and requests to it.
import { SignJWT } from 'jose'
import { mintDevelopmentToken } from '../../src/cli/mint-token.ts'

export const PUBLIC_URL = 'https://files.example.com'
export const ISSUER = 'https://login.example.com'
const SECRET = 'a secret of this bench, long enough for HS256'

export function toVariables(grantCount: number): { readonly [name: string]: unknown } {
  const others = Array.from({ length: grantCount - 1 }, (_, at) => ({
    bucket: 'media',
    prefix: `teams/team-${at}/`,
    allow: ['read'],
  }))
  const own = { bucket: 'media', prefix: 'users/${sub}/', allow: ['read'] }
  return {
    PUBLIC_URL,
    ORIGINS: ['https://app.example.com'],
    ISSUERS: [{ issuer: ISSUER, audience: PUBLIC_URL, algorithms: ['HS256'], secret: 'KEY' }],
    BUCKETS: {
      media: { provider: 'aws', bucket: 'acme', region: 'eu-west-1', credentials: 'MEDIA' },
    },
    GRANTS: others.slice(0, 500),
    GRANTS_1: [...others.slice(500), own],
    LIMITS: [{ name: 'sign', per: 'sub', allow: 100_000_000, every: '1m' }],
    KEY: SECRET,
    POSTERN_KEY: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8',
    MEDIA_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    MEDIA_SECRET_ACCESS_KEY: 'secretsecretsecret',
  }
}

const token = await mintDevelopmentToken({
  issuer: ISSUER,
  audience: PUBLIC_URL,
  secret: new TextEncoder().encode(SECRET),
  sub: 'alice',
  claims: {},
  expiresIn: 3600,
})
export const authorization = `Authorization: Bearer ${token}\r\n`
export const get = (path: string, headers = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: files.example.com\r\n${headers}\r\n`
/** An authenticated redirect, the gateway's most frequent answer. */
export const redirect = get('/o/media/users/alice/file.txt', authorization)

/** More tokens than a gateway remembers. */
const FRESH = 2000

/**
 * The same redirect, each time with a token that is not remembered: so many others come before it comes again. They have no
 * id, for which a record would be looked up.
 */
export function freshRedirects(): Promise<readonly string[]> {
  return Promise.all(
    Array.from({ length: FRESH }, async (_, nonce) => {
      const fresh = await new SignJWT({ nonce })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(ISSUER)
        .setAudience(PUBLIC_URL)
        .setSubject('alice')
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(new TextEncoder().encode(SECRET))
      return get('/o/media/users/alice/file.txt', `Authorization: Bearer ${fresh}\r\n`)
    }),
  )
}
