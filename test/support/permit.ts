// Permits for tests and benches of signing, got as a request gets them: from a configuration, through `decide`.
import { parseConfig } from '../../src/config/config.ts'
import { decide, type Permit, type Policy } from '../../src/core/policy/decide.ts'
import { OPTIONS } from '../../src/core/policy/grant.ts'
import {
  type KeyPrefix,
  type ObjectKey,
  parseKeyPrefix,
  parseObjectKey,
} from '../../src/core/policy/key.ts'
import type { Operation } from '../../src/core/policy/operation.ts'

/** Where a bucket is and with which keys requests to it are signed. */
export interface Place {
  readonly bucket: string
  readonly region: string
  /** AWS's own if absent. */
  readonly endpoint?: string
  readonly addressing: 'virtual' | 'path'
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** The credentials of AWS's documentation. */
export const EXAMPLE: Place = {
  bucket: 'examplebucket',
  region: 'us-east-1',
  addressing: 'virtual',
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}

const ISSUER = 'https://login.example.com'
const PUBLIC_URL = 'https://files.example.com'

/** A policy that allows everything in one bucket of the alias `media`. */
export async function policyOf(place: Place): Promise<Policy> {
  const { bucket, region, endpoint, addressing } = place
  const provider = endpoint === undefined ? 'aws' : 'generic'
  const allow = ['read', 'upload', 'write', 'delete', 'list']
  const config = await parseConfig(
    {
      PUBLIC_URL,
      ISSUERS: [{ issuer: ISSUER, audience: PUBLIC_URL, algorithms: ['HS256'], secret: 'SECRET' }],
      BUCKETS: {
        media: {
          provider,
          bucket,
          region,
          addressing,
          credentials: 'MEDIA',
          ...(endpoint !== undefined && { endpoint }),
        },
      },
      GRANTS: [{ bucket: 'media', prefix: '', allow, max_expires: '7d', options: [...OPTIONS] }],
      SECRET: 'a session secret that is long enough for HS256',
      POSTERN_KEY: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8',
      MEDIA_ACCESS_KEY_ID: place.accessKeyId,
      MEDIA_SECRET_ACCESS_KEY: place.secretAccessKey,
      ...(place.sessionToken !== undefined && { MEDIA_SESSION_TOKEN: place.sessionToken }),
    },
    () => {
      throw new Error('no key set by URL is configured')
    },
    () => {
      throw new Error('no role is configured')
    },
  )
  if (!config.ok) throw new Error(JSON.stringify(config.error))
  return config.value.policy
}

/** A key that its parser accepts; a test that names another is wrong. */
export function keyOf(text: string): ObjectKey {
  const key = parseObjectKey(text)
  if (!key.ok) throw new Error(`the key ${key.error}`)
  return key.value
}

function prefixOf(text: string): KeyPrefix {
  const prefix = parseKeyPrefix(text)
  if (!prefix.ok) throw new Error(`the prefix ${prefix.error}`)
  return prefix.value
}
/** The whole bucket. */
export const ROOT = prefixOf('')

export function permitOf<O extends Operation>(policy: Policy, operation: O): Permit<O> {
  const session = {
    issuer: ISSUER,
    subject: 'alice',
    expiresAtSeconds: 253_402_300_799,
    claims: {},
  }
  const permit = decide(policy, session, operation)
  if (!permit.ok) throw new Error(permit.error.reason)
  return permit.value
}
