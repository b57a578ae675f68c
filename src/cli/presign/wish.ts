// What the options of `postern presign` ask for, checked: one request, or one form.
import * as v from 'valibot'
import { checksum, type Checksum } from '../../contract/checksum.ts'
import { MAX_EXPIRES_SECONDS } from '../../core/sign/lifetime.ts'
import { MAX_PUT_BYTES } from '../../core/sign/requests.ts'
import { toPair, toSeconds, UsageError } from '../frame/usage.ts'

export const METHODS = ['GET', 'HEAD', 'PUT', 'DELETE', 'POST'] as const
type Method = (typeof METHODS)[number]

/** As commander gives them, and as a line of a batch may name them. */
export interface PresignOptions {
  readonly httpMethod: string
  readonly expiresIn: string
  readonly responseContentType?: string | undefined
  readonly responseContentDisposition?: string | undefined
  readonly responseCacheControl?: string | undefined
  readonly responseContentLanguage?: string | undefined
  readonly responseContentEncoding?: string | undefined
  readonly responseExpires?: string | undefined
  readonly versionId?: string | undefined
  readonly contentType?: string | undefined
  readonly contentLength?: string | undefined
  readonly checksum?: string | undefined
  /** False with --no-overwrite. */
  readonly overwrite: boolean
  readonly cacheControl?: string | undefined
  readonly contentDisposition?: string | undefined
  readonly contentEncoding?: string | undefined
  readonly storageClass?: string | undefined
  readonly metadata: readonly string[]
  readonly field: readonly string[]
}

export interface Wish extends Omit<
  PresignOptions,
  'httpMethod' | 'expiresIn' | 'checksum' | 'metadata' | 'field'
> {
  readonly method: Method
  readonly expiresIn: number
  readonly range: { readonly min: number; readonly max: number } | undefined
  readonly checksum: Checksum | undefined
  readonly metadata: ReadonlyMap<string, string>
  readonly field: ReadonlyMap<string, string>
}

const RESPONSE = [
  'responseContentType',
  'responseContentDisposition',
  'responseCacheControl',
  'responseContentLanguage',
  'responseContentEncoding',
  'responseExpires',
] as const

/** Which options say something about which methods; what would be ignored is refused. */
const ONLY_FOR: readonly (readonly [keyof PresignOptions, readonly Method[]])[] = [
  ...RESPONSE.map((name) => [name, ['GET', 'HEAD']] as const),
  ['versionId', ['GET', 'HEAD', 'DELETE']],
  ['contentType', ['PUT', 'POST']],
  ['contentLength', ['PUT', 'POST']],
  ['checksum', ['PUT']],
  ['cacheControl', ['PUT', 'POST']],
  ['contentDisposition', ['PUT', 'POST']],
  ['contentEncoding', ['PUT', 'POST']],
  ['storageClass', ['PUT', 'POST']],
]

const toFlag = (name: string): string =>
  `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

function refuse(flag: string, methods: readonly Method[]): never {
  throw new UsageError(`${flag} is for ${methods.join(' and ')}`)
}

function judgeOptions(options: PresignOptions, method: Method): void {
  for (const [name, methods] of ONLY_FOR)
    if (options[name] !== undefined && !methods.includes(method)) refuse(toFlag(name), methods)
  if (options.metadata.length > 0 && method !== 'PUT' && method !== 'POST')
    refuse('--metadata', ['PUT', 'POST'])
  if (options.field.length > 0 && method !== 'POST') refuse('--field', ['POST'])
  if (!options.overwrite && method !== 'PUT') refuse('--no-overwrite', ['PUT'])
  for (const [name, value] of Object.entries(options)) {
    // Those take RFC 8187's form of a file name.
    const isFree = name === 'versionId' || name.endsWith('ontentDisposition')
    if (typeof value === 'string' && !isFree && !/^[\x20-\x7e]*$/.test(value))
      throw new UsageError(`${toFlag(name)} takes ASCII text only`)
  }
}

function toBytes(text: string): number {
  const bytes = /^\d{1,13}$/.test(text) ? Number(text) : Number.NaN
  if (!(bytes <= MAX_PUT_BYTES))
    throw new UsageError('--content-length is a number of bytes, at most 5 GiB')
  return bytes
}

/** `1000`, or for a form `1-1000` and, as up to, `1000`. */
function toRange(text: string | undefined, method: Method): Wish['range'] {
  if (text === undefined) return undefined
  if (method !== 'POST') return { min: toBytes(text), max: toBytes(text) }
  const [first = '', last] = text.split('-')
  const range =
    last === undefined
      ? { min: 0, max: toBytes(first) }
      : { min: toBytes(first), max: toBytes(last) }
  if (range.min > range.max) throw new UsageError('--content-length is MIN-MAX')
  return range
}

function toChecksum(text: string | undefined): Checksum | undefined {
  if (text === undefined) return undefined
  const [algorithm, value] = toPair(text, '--checksum')
  const parsed = v.safeParse(checksum, { algorithm, value })
  if (!parsed.success) throw new UsageError(`--checksum: ${parsed.issues[0].message}`)
  return parsed.output
}

const METADATA_NAME = /^[a-z0-9][a-z0-9_.-]{0,127}$/

function toMetadata(texts: readonly string[]): ReadonlyMap<string, string> {
  const pairs = texts.map((text) => toPair(text, '--metadata'))
  for (const [name, value] of pairs)
    if (!METADATA_NAME.test(name) || /\p{Cc}/u.test(value) || !value.isWellFormed())
      throw new UsageError('--metadata is name=value, the name of a-z 0-9 _ . -')
  return new Map(pairs)
}

export function parseWish(options: PresignOptions): Wish {
  const method = METHODS.find((name) => name === options.httpMethod.toUpperCase())
  if (method === undefined) throw new UsageError(`--http-method is one of ${METHODS.join(', ')}`)
  judgeOptions(options, method)
  const expiresIn = toSeconds(options.expiresIn, '--expires-in', 1)
  if (expiresIn > MAX_EXPIRES_SECONDS)
    throw new UsageError('--expires-in is at most 604800, seven days: S3 refuses more')
  return {
    ...options,
    method,
    expiresIn,
    range: toRange(options.contentLength, method),
    checksum: toChecksum(options.checksum),
    metadata: toMetadata(options.metadata),
    field: new Map(options.field.map((text) => toPair(text, '--field'))),
  }
}
