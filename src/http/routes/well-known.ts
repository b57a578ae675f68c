// /.well-known: the gateway's public keys and its discovery document, for whoever checks what it signs.
import type { Ctx } from '../env.ts'
import { refuse } from '../problem.ts'

/** As long as a key that has just been replaced is surely still published. */
const CACHE = 'public, max-age=300'

/** Public: every page and every server may check a signature. */
function publish(c: Ctx, document: object): Response {
  return c.json(document, 200, { 'Cache-Control': CACHE, 'Access-Control-Allow-Origin': '*' })
}

export function jwks(c: Ctx): Response {
  const keys = c.var.deps.config.identityKeys.map(({ publicJwk }) => publicJwk)
  return keys.length === 0 ? refuse(c, { kind: 'no_route' }) : publish(c, { keys })
}

/** OpenID Connect Discovery 1.0 §3, as far as a token service asks for it. */
export function discovery(c: Ctx): Response {
  const { identityKeys, publicUrl } = c.var.deps.config
  if (identityKeys.length === 0) return refuse(c, { kind: 'no_route' })
  return publish(c, {
    issuer: publicUrl,
    jwks_uri: `${publicUrl}/.well-known/jwks.json`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
    claims_supported: ['iss', 'sub', 'aud', 'iat', 'exp'],
  })
}
