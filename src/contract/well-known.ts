// /.well-known: the shapes of the gateway's key set and of its discovery document.
import * as v from 'valibot'

export const jwksAnswer = v.strictObject({
  keys: v.array(
    v.strictObject({
      kty: v.literal('EC'),
      crv: v.literal('P-256'),
      x: v.string(),
      y: v.string(),
      kid: v.string(),
      alg: v.literal('ES256'),
      use: v.literal('sig'),
    }),
  ),
})

export const discoveryAnswer = v.strictObject({
  issuer: v.string(),
  jwks_uri: v.string(),
  response_types_supported: v.array(v.string()),
  subject_types_supported: v.array(v.string()),
  id_token_signing_alg_values_supported: v.array(v.string()),
  claims_supported: v.array(v.string()),
})
