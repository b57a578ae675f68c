// Link tokens: links that an application mints by itself, as JWTs of a trusted issuer.
import { hashText } from '../bytes.ts'
import * as v from 'valibot'
import { linkClaims, NO_CLAIMS } from '../../contract/link.ts'
import { toBase64Url } from '../base64url.ts'
import { err, ok, type Result } from '../result.ts'
import type { TokenFault } from '../token/fault.ts'
import type { Issuer } from '../token/issuer.ts'
import type { Session } from '../token/session.ts'
import { verifyToken } from '../token/verify.ts'
import type { LinkRecord } from './record.ts'

export interface MintedLink {
  readonly session: Session
  /** Names the token where downloads are counted. */
  readonly tag: string
  /** As a stored link would have it; its keys are not checked yet. */
  readonly record: LinkRecord
}

/** The issuers, as signers of links: same keys, another `aud` and `typ`, so that neither passes for the other. */
function toLinkIssuers(
  issuers: ReadonlyMap<string, Issuer>,
  publicUrl: string,
): ReadonlyMap<string, Issuer> {
  return new Map(
    [...issuers].map(([name, issuer]) => [
      name,
      // `max_age` is for sessions; a link's life is bounded by its grant.
      {
        ...issuer,
        audiences: [`${publicUrl}/l`],
        typ: 'postern-link+jwt',
        maxAgeSeconds: Infinity,
      },
    ]),
  )
}

export async function parseLinkToken(
  token: string,
  issuers: ReadonlyMap<string, Issuer>,
  publicUrl: string,
  nowMs: number,
): Promise<Result<MintedLink, TokenFault>> {
  const verified = await verifyToken(token, toLinkIssuers(issuers, publicUrl), nowMs)
  if (!verified.ok) return verified
  const session = verified.value
  const own = Object.entries(session.claims).filter(([name]) => name in linkClaims.entries)
  const parsed = v.safeParse(linkClaims, Object.fromEntries(own))
  const isForbidden = NO_CLAIMS.some((name) => Object.hasOwn(session.claims, name))
  const createdAtSeconds = session.issuedAtSeconds
  // Without `iat` nobody could say how long a link was meant to live.
  if (!parsed.success || isForbidden || createdAtSeconds === undefined)
    return err({ reason: 'claim', claim: 'of the link, or iat,' })
  const { bucket, key, keys, prefix, upload, ...terms } = parsed.output
  const { issuer, tokenId } = session
  const name = JSON.stringify([issuer, tokenId ?? token.slice(0, token.lastIndexOf('.'))])
  const digest = await hashText(name)
  const objects = key === undefined ? keys : [key]
  return ok({
    session,
    tag: toBase64Url(new Uint8Array(digest)).slice(0, 22),
    record: {
      owner: session,
      createdAtSeconds,
      expiresAtSeconds: session.expiresAtSeconds,
      bucket,
      ...(objects !== undefined && { keys: objects }),
      ...(prefix !== undefined && { prefix }),
      ...(upload !== undefined && { upload }),
      terms,
    },
  })
}
