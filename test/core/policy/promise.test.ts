// The promise of the gateway, for all claims and keys: what is granted starts byte for byte with the resolved prefix, has no dot segment, and the signed path decodes to exactly that key.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decide } from '../../../src/core/policy/decide.ts'
import type { Grant } from '../../../src/core/policy/grant.ts'
import { parseObjectKey } from '../../../src/core/policy/key.ts'
import { parsePrefixTemplate } from '../../../src/core/policy/prefix.ts'
import { signRead } from '../../../src/core/sign/requests.ts'
import type { Json, Session } from '../../../src/core/token/session.ts'
import { findSignatureFault } from '../../support/sigv4.ts'
import { keyText, segment, toGrant, toPolicy } from '../../support/policy.ts'

const NOW = 1_800_000_000
const claim = fc.oneof(
  segment,
  segment,
  fc.integer(),
  fc.constantFrom<Json>(null, true, ['alice'], { alice: 1 }, 0.5, 2 ** 60, '.', '..', ''),
)
const claims = fc.record({ sub: claim, tenant: claim, 'https://x.example/team': claim })
const templatePart = fc.oneof(
  segment,
  fc.constantFrom('${sub}', '${tenant}', '${https://x.example/team}', '${missing}', '${toString}'),
)
const template = fc
  .array(templatePart, { maxLength: 4 })
  .map((parts) => parts.map((part) => `${part}/`).join(''))

const fold = (text: string, bucket: string): string =>
  bucket === 'folded' ? text.normalize('NFC') : text

/** What a template means, written down once more: null where it means nothing. */
function resolve(
  text: string,
  values: { readonly [name: string]: Json },
  bucket = 'media',
): string | null {
  let isSound = true
  const resolved = text.replace(/\$\{([^}]*)\}/g, (_all, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (typeof value !== 'string' && !Number.isSafeInteger(value)) isSound = false
    if (fold(String(value), bucket) !== value && typeof value === 'string') isSound = false
    if (String(value) === '' || String(value).includes('/')) isSound = false
    return String(value)
  })
  return isSound ? resolved : null
}

/** Keys that are likely to be granted, and all others. */
const world = fc
  .tuple(template, claims, keyText, fc.nat(2))
  .map(([prefix, values, text, kind]) => ({
    prefix,
    values,
    text: kind === 0 ? text : (resolve(prefix, values) ?? '') + text,
    provider: kind === 1 ? 'folded' : 'media',
  }))

function toSession(values: { readonly [name: string]: Json }): Session {
  const subject = typeof values['sub'] === 'string' ? values['sub'] : 'alice'
  return {
    issuer: 'iss',
    subject,
    expiresAtSeconds: NOW + 60,
    claims: { ...values, sub: subject },
  }
}

function grantOf(prefix: string, bucket: string): Grant | null {
  const parsed = parsePrefixTemplate(prefix)
  return parsed.ok ? toGrant('g', prefix, { bucket }) : null
}

test('granted, and signed', { timeout: 60_000 }, async () => {
  let granted = 0
  await fc.assert(
    fc.asyncProperty(world, async ({ prefix, values, text, provider: bucket }) => {
      const [grant, key, session] = [
        grantOf(prefix, bucket),
        parseObjectKey(text),
        toSession(values),
      ]
      if (grant === null || !key.ok) return
      const operation = { action: 'read', bucket, key: key.value } as const
      const permit = decide(toPolicy(grant), session, operation)
      const resolved = resolve(prefix, session.claims, bucket)
      if (!permit.ok) {
        // Nothing else is refused either: a sound prefix that the key stands below.
        const isBelow = resolved !== null && fold(text, bucket).startsWith(fold(resolved, bucket))
        expect(isBelow && parseObjectKey(`${resolved}x`).ok).toBe(false)
        return
      }
      granted += 1
      const asked = fold(text, bucket)
      expect(permit.value.operation.key).toBe(asked)
      expect(resolved).not.toBeNull()
      expect(asked.startsWith(fold(resolved ?? '', bucket))).toBe(true)
      for (const part of asked.split('/')) expect(part).not.toMatch(/^(\.|%2e){0,2}$/i)

      const signing = { keys: new Map(), nowMs: NOW * 1000 }
      const signed = await signRead(permit.value, 'GET', new Map(), undefined, signing)
      if (!signed.ok) throw new Error(signed.error.reason)
      // As it is written, and as every URL parser on the way reads it.
      const [written = ''] = signed.value.url.slice('https://s3/b/'.length).split('?')
      expect(signed.value.url.startsWith('https://s3/b/')).toBe(true)
      expect(decodeURIComponent(written)).toBe(asked)
      const url = new URL(signed.value.url)
      expect([url.host, url.pathname]).toEqual(['s3', `/b/${written}`])
      expect(written).toMatch(/^[A-Za-z0-9\-._~/%]*$/)
      expect(findSignatureFault(signed.value, 's')).toBeNull()
    }),
    { numRuns: 1000, seed: 20_261_125 },
  )
  // A property about nothing would be no property.
  expect(granted).toBeGreaterThan(100)
})
