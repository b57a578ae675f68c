// ISSUERS: from what stands in wrangler.toml to issuers with keys of their own.
import type { Algorithm, Issuer } from '../core/token/issuer.ts'
import { createLocalKeySet, judgeFamily, parseSecretText } from '../core/token/keys.ts'
import type { KeySet } from '../ports.ts'
import { type ConfigFault, type RawEnv, readSecret } from './env.ts'
import type { ConfigInput } from './schema.ts'
import { parseBaseUrl } from './urls.ts'

/** Gives the keys behind a URL, fetched when they are needed. */
export type FetchKeys = (url: string, algorithms: readonly Algorithm[]) => KeySet

type IssuerInput = ConfigInput['ISSUERS'][number]

async function toKeys(
  input: IssuerInput,
  env: RawEnv,
  path: string,
  faults: ConfigFault[],
  fetchKeys: FetchKeys,
): Promise<KeySet | null> {
  const sources = [input.secret, input.jwks, input.jwks_url].filter((given) => given !== undefined)
  if (sources.length !== 1) {
    faults.push({ path, detail: 'expected exactly one of jwks_url, jwks and secret' })
    return null
  }
  if (input.jwks_url !== undefined) return fetchFrom(input.jwks_url)
  if (input.jwks !== undefined) return build({ kind: 'jwks', jwks: input.jwks })
  const name = input.secret ?? ''
  const text = readSecret(env, name)
  const bytes = text === undefined ? null : parseSecretText(text)
  if (bytes === null) {
    const detail =
      text === undefined
        ? `secret ${name} is not set`
        : `secret ${name} is not valid base64url or hex`
    faults.push({ path: `${path}.secret`, detail })
    return null
  }
  return build({ kind: 'secret', bytes })

  function fetchFrom(jwksUrl: string): KeySet | null {
    // Over plain http anybody on the way could bring keys of his own.
    const url = parseBaseUrl(jwksUrl)
    const mixed = judgeFamily('jwks', input.algorithms)
    if (url === null)
      faults.push({
        path: `${path}.jwks_url`,
        detail: 'expected an https URL without query; http only for localhost',
      })
    if (mixed !== null) faults.push({ path: `${path}.${mixed.path}`, detail: mixed.detail })
    return url === null || mixed !== null ? null : fetchKeys(url.href, input.algorithms)
  }

  async function build(source: Parameters<typeof createLocalKeySet>[0]): Promise<KeySet | null> {
    const keys = await createLocalKeySet(source, input.algorithms)
    if (keys.ok) return keys.value
    for (const fault of keys.error)
      faults.push({ path: `${path}.${fault.path}`, detail: fault.detail })
    return null
  }
}

export async function toIssuers(
  inputs: ConfigInput['ISSUERS'],
  paths: readonly string[],
  env: RawEnv,
  faults: ConfigFault[],
  fetchKeys: FetchKeys,
): Promise<ReadonlyMap<string, Issuer>> {
  const issuers = new Map<string, Issuer>()
  for (const [index, input] of inputs.entries()) {
    const path = paths[index] ?? `ISSUERS[${index}]`
    const keys = await toKeys(input, env, path, faults, fetchKeys)
    if (issuers.has(input.issuer)) faults.push({ path: `${path}.issuer`, detail: 'stands twice' })
    if (keys === null) continue
    issuers.set(input.issuer, {
      issuer: input.issuer,
      audiences: typeof input.audience === 'string' ? [input.audience] : input.audience,
      algorithms: input.algorithms,
      ...(input.typ !== undefined && { typ: input.typ }),
      subjectClaim: input.subject_claim,
      leewaySeconds: input.leeway,
      ...(input.max_age !== undefined && { maxAgeSeconds: input.max_age }),
      onRevocationError: input.on_revocation_error,
      keys,
    })
  }
  return issuers
}
