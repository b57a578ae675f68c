// The headers that a PUT is signed with: all that binds the object, in a form that the provider really honours.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
import { type Checksum, toChecksumHeader } from '../../contract/checksum.ts'
import type { Option } from '../policy/grant.ts'
import { err, ok, type Result } from '../result.ts'
import { encodeRfc3986 } from './encode.ts'
import { toMetadataHeaders } from './metadata.ts'
import type { Capabilities } from './provider.ts'

/** What a caller may ask of a PUT beside its size and type. */
export interface PutWish {
  /** Replace what stands there; without it, or `ifMatch`, an existing object is an error. */
  readonly overwrite: boolean
  /** Replace only the object with this ETag. */
  readonly ifMatch?: string | undefined
  readonly checksum?: Checksum | undefined
  readonly metadata?: ReadonlyMap<string, string> | undefined
  readonly cacheControl?: string | undefined
  readonly contentDisposition?: string | undefined
  readonly contentEncoding?: string | undefined
  readonly storageClass?: string | undefined
  readonly tagging?: ReadonlyMap<string, string> | undefined
  readonly serverSideEncryption?: string | undefined
}

/** What a grant must list for this wish. */
export function optionsOf(wish: PutWish): Option[] {
  const options: Option[] = []
  if (wish.overwrite || wish.ifMatch !== undefined) options.push('overwrite')
  for (const name of ['storageClass', 'tagging', 'serverSideEncryption'] as const)
    if (wish[name] !== undefined) options.push(name)
  return options
}

/** What the provider would ignore, in the words of the request; null when it honours all of it. */
function findUnsupported(wish: PutWish, can: Capabilities): string | null {
  const { checksum, ifMatch, overwrite, serverSideEncryption: encryption } = wish
  if (ifMatch !== undefined && can.ifMatch === null) return 'ifMatch; use overwrite: true'
  if (ifMatch === undefined && !overwrite && can.createOnly === null)
    return 'a conditional PUT; use POST /v1/uploads, or overwrite: true'
  if (checksum !== undefined && !can.checksums.includes(checksum.algorithm))
    return `the checksum ${checksum.algorithm}${can.checksums.length > 0 ? `; use ${can.checksums.join(', ')}` : ''}`
  if (wish.storageClass !== undefined && !can.storageClass) return 'storageClass'
  if (wish.tagging !== undefined && !can.tagging) return 'tagging'
  if (encryption !== undefined && !can.encryption.includes(encryption))
    return `this serverSideEncryption${can.encryption.length > 0 ? `; use ${can.encryption.join(', ')}` : ''}`
  return null
}

/** `x-amz-tagging` is a query string of its own. */
function toTagging(tags: ReadonlyMap<string, string>): string {
  return [...tags].map(([key, value]) => `${encodeRfc3986(key)}=${encodeRfc3986(value)}`).join('&')
}

/** Headers by name, beside content-length and content-type; the error names what the provider cannot do. */
export function toPutHeaders(
  wish: PutWish,
  can: Capabilities,
): Result<Map<string, string>, string> {
  const unsupported = findUnsupported(wish, can)
  if (unsupported !== null) return err(unsupported)
  const { checksum, ifMatch, tagging } = wish
  const headers = toMetadataHeaders(wish.metadata ?? new Map())
  if (ifMatch !== undefined)
    headers.set('if-match', can.ifMatch === 'bare' ? ifMatch : `"${ifMatch}"`)
  else if (!wish.overwrite && can.createOnly !== null)
    headers.set(can.createOnly.name, can.createOnly.value)
  const plain = [
    [checksum && toChecksumHeader(checksum.algorithm), checksum?.value],
    ['cache-control', wish.cacheControl],
    ['content-disposition', wish.contentDisposition],
    ['content-encoding', wish.contentEncoding],
    ['x-amz-storage-class', wish.storageClass],
    ['x-amz-tagging', tagging && toTagging(tagging)],
    ['x-amz-server-side-encryption', wish.serverSideEncryption],
  ] as const
  for (const [name, value] of plain)
    if (name !== undefined && value !== undefined) headers.set(name, value)
  return ok(headers)
}
