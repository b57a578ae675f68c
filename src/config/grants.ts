// GRANTS: from what stands in wrangler.toml to grants that belong to a known bucket and issuer.
import type { Grant } from '../core/policy/grant.ts'
import { parsePrefixTemplate } from '../core/policy/prefix.ts'
import { MAX_EXPIRES_SECONDS, STABLE_SHARE } from '../core/sign/lifetime.ts'
import type { ConfigFault } from './env.ts'
import type { ConfigInput } from './schema.ts'

type GrantInput = ConfigInput['GRANTS'][number]

/** What a grant may refer to: aliases of buckets and issuers, as configured. */
interface Known {
  readonly buckets: ReadonlySet<string>
  readonly issuers: readonly string[]
}

function issuerOf(input: GrantInput, known: Known, path: string, faults: ConfigFault[]): string {
  const [only] = known.issuers
  if (input.issuer === undefined) {
    if (known.issuers.length > 1)
      faults.push({ path: `${path}.issuer`, detail: 'required with several ISSUERS' })
    return only ?? ''
  }
  if (!known.issuers.includes(input.issuer))
    faults.push({ path: `${path}.issuer`, detail: 'is none of ISSUERS' })
  return input.issuer
}

export function toGrants(
  inputs: ConfigInput['GRANTS'],
  paths: readonly string[],
  known: Known,
  faults: ConfigFault[],
): readonly Grant[] {
  return inputs.flatMap((input, index) => {
    const path = paths[index] ?? `GRANTS[${index}]`
    if (!known.buckets.has(input.bucket))
      faults.push({ path: `${path}.bucket`, detail: 'is none of BUCKETS' })
    const issuer = issuerOf(input, known, path, faults)
    const maxExpires = input.max_expires ?? MAX_EXPIRES_SECONDS
    if (input.stable_urls !== undefined && input.stable_urls * STABLE_SHARE > maxExpires)
      faults.push({ path: `${path}.stable_urls`, detail: 'at most two thirds of max_expires' })
    const prefix = parsePrefixTemplate(input.prefix)
    if (!prefix.ok) {
      faults.push({ path: `${path}.prefix`, detail: prefix.error })
      return []
    }
    return [
      {
        path,
        bucket: input.bucket,
        issuer,
        prefix: prefix.value,
        allow: new Set(input.allow),
        when: new Map(
          Object.entries(input.when).map(([claim, values]) => [
            claim,
            Array.isArray(values) ? values : [values],
          ]),
        ),
        ...(input.max_bytes !== undefined && { maxBytes: input.max_bytes }),
        ...(input.types !== undefined && { types: input.types }),
        maxExpiresSeconds: maxExpires,
        maxLinkLifeSeconds: input.max_link_life,
        ...(input.stable_urls !== undefined && { stableUrlSeconds: input.stable_urls }),
        inline: new Set(input.inline),
        options: new Set(input.options),
      },
    ]
  })
}
