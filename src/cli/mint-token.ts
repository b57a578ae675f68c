// Mints a development token: a session token signed with the local secret.
import { SignJWT } from 'jose/jwt/sign'

export interface TokenRequest {
  readonly issuer: string
  readonly audience: string
  readonly secret: Uint8Array
  readonly sub: string
  readonly claims: { readonly [name: string]: string }
  /** Seconds. */
  readonly expiresIn: number
}

/** HS256, with an id of its own. */
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
