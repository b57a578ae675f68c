// Grants, policies and sessions for tests of decisions: small ones, and any that fast-check can think of.
import * as fc from 'fast-check'
import { decide, type Policy } from '../../src/core/policy/decide.ts'
import type { Grant } from '../../src/core/policy/grant.ts'
import { createGrants } from '../../src/core/policy/grants.ts'
import { parseKeyPrefix, parseObjectKey } from '../../src/core/policy/key.ts'
import { type Narrowing, parseNarrowing } from '../../src/core/policy/narrow.ts'
import type { Operation } from '../../src/core/policy/operation.ts'
import { parsePrefixTemplate, type PrefixTemplate } from '../../src/core/policy/prefix.ts'
import { ok } from '../../src/core/result.ts'
import type { Bucket } from '../../src/core/sign/bucket.ts'
import { capabilitiesOf, type Provider } from '../../src/core/sign/provider.ts'
import type { Json, Session } from '../../src/core/token/session.ts'

export function toTemplate(prefix: string): PrefixTemplate {
  const template = parsePrefixTemplate(prefix)
  if (!template.ok) throw new Error(template.error)
  return template.value
}

export function toGrant(path: string, prefix: string, more: Partial<Grant> = {}): Grant {
  return {
    path,
    bucket: 'media',
    issuer: 'iss',
    prefix: toTemplate(prefix),
    allow: new Set(['read', 'upload']),
    when: new Map(),
    maxExpiresSeconds: 60,
    maxLinkLifeSeconds: 60,
    inline: new Set(),
    options: new Set(),
    ...more,
  }
}

export function toBucket(alias: string, provider: Provider = 'aws', disabled = false): Bucket {
  return {
    alias,
    provider,
    name: 'b',
    region: 'r',
    origin: 'https://s3',
    basePath: '/b/',
    can: capabilitiesOf(provider, ''),
    credentials: { get: async () => ok({ accessKeyId: 'a', secretAccessKey: 's' }) },
    disabled,
    namesSubject: false,
  }
}

/** `media` on AWS, `folded` on R2, which folds keys to NFC, and `off`, which is disabled. */
export const buckets: ReadonlyMap<string, Bucket> = new Map([
  ['media', toBucket('media')],
  ['folded', toBucket('folded', 'r2')],
  ['off', toBucket('off', 'aws', true)],
])

export function toPolicy(...grants: readonly Grant[]): Policy {
  const foldsToNfc = (alias: string): boolean => buckets.get(alias)?.can.foldsToNfc ?? false
  return { buckets, grants: createGrants(grants, foldsToNfc) }
}

export function sessionOf(subject: string, claims: Session['claims'] = {}): Session {
  return { issuer: 'iss', subject, expiresAtSeconds: 1, claims }
}

/** The entries of a claim `postern`. */
export function toNarrowing(...grants: readonly Json[]): readonly Narrowing[] {
  const parsed = parseNarrowing({ grants })
  if (!parsed.ok) throw new Error('refused')
  return parsed.value
}

export function toObjectKey(text: string) {
  const key = parseObjectKey(text)
  if (!key.ok) throw new Error(key.error)
  return key.value
}

export function reading(text: string, bucket = 'media'): Operation {
  return { action: 'read', bucket, key: toObjectKey(text) }
}

export function uploading(
  text: string,
  more: Partial<Extract<Operation, { action: 'upload' }>> = {},
): Operation {
  const key = toObjectKey(text)
  return {
    action: 'upload',
    bucket: 'media',
    key,
    size: 1,
    type: 'image/png',
    options: [],
    ...more,
  }
}

export function listing(text: string, bucket = 'media'): Operation {
  const prefix = parseKeyPrefix(text)
  if (!prefix.ok) throw new Error(prefix.error)
  return { action: 'list', bucket, prefix: prefix.value }
}

/** Whether the text is a key that the caller may read in `media`. */
export function mayRead(grants: readonly Grant[], session: Session, text: string): boolean {
  const key = parseObjectKey(text)
  if (!key.ok) return false
  return decide(toPolicy(...grants), session, { action: 'read', bucket: 'media', key: key.value })
    .ok
}

/** Segments of keys: any text, and all that has ever been trouble. */
export const segment = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '.',
    '..',
    '%2e',
    '%2E.',
    '',
    'a/b',
    'users',
    'alice',
    'alice2',
    '\\',
    '\0',
    '${sub}',
    '+',
    '?',
    '#',
    'é',
    'e\u0301',
  ),
)
export const keyText = fc.array(segment, { maxLength: 5 }).map((parts) => parts.join('/'))
