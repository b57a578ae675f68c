// The committed vectors of botocore, and what ours must be beside them; the same code runs in Node and in workerd.
import type { Policy } from '../../src/core/policy/decide.ts'
import type { Operation } from '../../src/core/policy/operation.ts'
import { presign } from '../../src/core/sign/presign.ts'
import type { SigningKeys } from '../../src/core/sign/scope.ts'
import { keyOf, permitOf, type Place, policyOf, ROOT } from './permit.ts'
import { type Stages, toStages } from './sigv4.ts'

/** What is to be signed; `query` and `headers` are all that is signed beside the URL itself. */
export interface SigningCase extends Place {
  readonly name: string
  readonly datetime: string
  readonly expiresIn: number
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE'
  /** Absent for a list. */
  readonly key?: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
}

/** That, and what botocore signed. */
export interface RequestVector extends SigningCase, Omit<Stages, 'signature'> {
  readonly url: string
}

/** One POST policy that botocore signed. */
export interface PostVector extends Place {
  readonly name: string
  readonly datetime: string
  readonly expiresIn: number
  readonly key?: string
  readonly prefix?: string
  readonly conditions: readonly unknown[]
  readonly url: string
  readonly fields: Readonly<Record<string, string>> & { readonly policy: string }
}

export interface Vectors {
  readonly botocore: string
  readonly requests: readonly RequestVector[]
  readonly posts: readonly PostVector[]
}

export const toVectors = (text: string): Vectors => JSON.parse(text) as Vectors

/** Milliseconds since 1970 of `20261125T101530Z`. */
export function toMs(datetime: string): number {
  return Date.parse(
    datetime.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  )
}

function toOperation({ method, key, query }: SigningCase): Operation {
  const bucket = 'media'
  if (key === undefined) return { action: 'list', bucket, prefix: ROOT }
  const target = { bucket, key: keyOf(key), options: [] }
  if (query['uploadId'] !== undefined)
    return { action: 'upload', ...target, size: 0, type: 'text/plain' }
  if (method === 'PUT') return { action: 'write', ...target, size: 0, type: 'text/plain' }
  return method === 'DELETE' ? { action: 'delete', ...target } : { action: 'read', ...target }
}

/** Policies by place: most vectors share one. */
const policies = new Map<string, Promise<Policy>>()
function policyOnce(place: Place): Promise<Policy> {
  const { bucket, region, endpoint, addressing, accessKeyId, secretAccessKey, sessionToken } = place
  const parts = [bucket, region, endpoint, addressing, accessKeyId, secretAccessKey, sessionToken]
  const name = JSON.stringify(parts)
  const policy = policies.get(name) ?? policyOf(place)
  policies.set(name, policy)
  return policy
}

const signingKeys: SigningKeys = new WeakMap()

/** Our URL for a vector. */
export async function signOurs(vector: SigningCase): Promise<string> {
  const permit = permitOf(await policyOnce(vector), toOperation(vector))
  const credentials = await permit.bucket.credentials.get()
  if (!credentials.ok) throw new Error('keys from a configuration are always there')
  return presign(
    permit,
    credentials.value,
    {
      method: vector.method,
      query: new Map(Object.entries(vector.query)),
      headers: new Map(Object.entries(vector.headers)),
      nowMs: toMs(vector.datetime),
      expiresInSeconds: vector.expiresIn,
    },
    signingKeys,
  )
}

/**
 * A URL as text that is equal for equal URLs: scheme, host, port and path byte for byte, and the query pairs
 * byte for byte in the order of their bytes, since others put their own parameters last and we sort all. A port
 * that is the scheme's default is left out (RFC 3986 §6.2.3): botocore repeats it, but signs Host without it.
 */
export function toComparable(url: string): string {
  const at = url.indexOf('?')
  const base = url.slice(0, at).replace(/^(https:\/\/[^/]+):443\/|^(http:\/\/[^/]+):80\//, '$1$2/')
  const pairs = url.slice(at + 1).split('&')
  return `${base}?\n${pairs.toSorted().join('\n')}`
}

/** Everything on which ours or the second implementation is not what botocore signed; empty when equal. */
export async function findDifferences(vector: RequestVector): Promise<readonly string[]> {
  const ours = await signOurs(vector)
  const stages = toStages({ ...vector, url: ours }, vector.secretAccessKey)
  if ('fault' in stages) return [`${vector.name}: ${stages.fault}`]
  const pairs: readonly (readonly [string, string, string])[] = [
    ['canonical request', stages.canonicalRequest, vector.canonicalRequest],
    ['string to sign', stages.stringToSign, vector.stringToSign],
    ['URL', toComparable(ours), toComparable(vector.url)],
  ]
  return pairs
    .filter(([, mine, theirs]) => mine !== theirs)
    .map(([stage, mine, theirs]) => `${vector.name}, ${stage}: ours ${mine}\nbotocore ${theirs}`)
}
