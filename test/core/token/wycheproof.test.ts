// Project Wycheproof's JSON Web Signature and Key vectors against the gate (Apache 2.0; see the README beside them).
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fromBase64Url } from '../../../src/core/base64url.ts'
import { parsePart, splitCompact } from '../../../src/core/token/compact.ts'
import { ALGORITHMS, type Algorithm, type Issuer } from '../../../src/core/token/issuer.ts'
import { createLocalKeySet, type KeySource } from '../../../src/core/token/keys.ts'
import { verifySignature } from '../../../src/core/token/verify.ts'

type Jwk = { readonly [member: string]: unknown }
interface Vector {
  readonly tcId: number
  readonly comment: string
  readonly jws: unknown
  readonly result: 'valid' | 'invalid'
}
interface Group {
  readonly comment: string
  readonly public?: Jwk
  readonly private?: Jwk
  readonly tests: readonly Vector[]
}

const folder = join(import.meta.dirname, '../../vectors/wycheproof')
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'))
const groupsOf = (name: string): readonly Group[] =>
  (read(name) as { testGroups: readonly Group[] }).testGroups
/** Where we differ on purpose: `file tcId` to the reason. */
const overrides = read('overrides.json') as Readonly<
  Record<string, { readonly reason: string; readonly sameAs?: number }>
>

/** What an operator would configure: the key of the group, under the algorithm that it names. */
function toSource(group: Group): { source: KeySource; keys: readonly Jwk[] } {
  const jwk = group.public ?? group.private ?? {}
  const keys = Array.isArray(jwk['keys']) ? (jwk['keys'] as readonly Jwk[]) : [jwk]
  const secret = keys.length === 1 && keys[0]?.['kty'] === 'oct' ? keys[0]['k'] : undefined
  const bytes = typeof secret === 'string' ? fromBase64Url(secret) : null
  return bytes === null
    ? { source: { kind: 'jwks', jwks: { keys } }, keys }
    : { source: { kind: 'secret', bytes }, keys }
}

async function isAccepted(group: Group, jws: unknown): Promise<boolean> {
  const { source, keys } = toSource(group)
  const algorithms = keys
    .map((key) => ALGORITHMS.find((alg) => alg === key['alg']))
    .filter((alg): alg is Algorithm => alg !== undefined)
  const set = await createLocalKeySet(source, algorithms)
  const split = typeof jws === 'string' ? splitCompact(jws) : null
  const header = split?.ok ? parsePart(split.value.header) : null
  if (!set.ok || header === null || typeof jws !== 'string') return false
  const issuer: Issuer = {
    issuer: 'iss',
    audiences: ['aud'],
    algorithms,
    subjectClaim: 'sub',
    leewaySeconds: 0,
    onRevocationError: 'deny',
    keys: set.value,
  }
  return (await verifySignature(jws, header, issuer)).ok
}

describe.each(['json_web_signature_test.json', 'json_web_key_test.json'])('%s', (file) => {
  const rows = groupsOf(file).flatMap((group) => group.tests.map((vector) => ({ group, vector })))

  test.each(rows)('$vector.tcId $vector.comment', async ({ group, vector }) => {
    const accepted = await isAccepted(group, vector.jws)
    const override = overrides[`${file} ${vector.tcId}`]
    const same = rows.find((row) => row.vector.tcId === override?.sameAs)?.vector
    // An override may only make us stricter, unless the text is that of a vector which is valid.
    if (same !== undefined)
      expect([same.result, same.jws, accepted]).toEqual(['valid', vector.jws, true])
    else if (override !== undefined) expect([vector.result, accepted]).toEqual(['valid', false])
    else expect(accepted ? 'valid' : 'invalid').toBe(vector.result)
  })

  test('every override is of a vector that is there', () => {
    const ids = new Set(rows.map(({ vector }) => `${file} ${vector.tcId}`))
    const ours = Object.keys(overrides).filter((name) => name.startsWith(file))
    expect(ours.filter((name) => !ids.has(name))).toEqual([])
  })
})
