// Requests that fit the OpenAPI document, for every operation of it: path, query and body by their schemas.
import * as fc from 'fast-check'
import { type ApiOperation, operations, resolveSchema } from '../api-document.ts'
import { type Hints, toFitting } from '../from-schema.ts'

export interface Fitting {
  readonly method: string
  readonly path: string
  readonly query: readonly (readonly [string, string])[]
  /** The body as a value; undefined for none. */
  readonly body: unknown
}

const encodePath = (value: unknown): string =>
  String(value).toWellFormed().split('/').map(encodeURIComponent).join('/') || '_'

/** Of members that exclude each other the first that is there stays: JSON Schema does not say it, the texts do. */
const EXCLUSIVE = [
  ['key', 'prefix'],
  ['key', 'filename'],
  ['keys', 'prefix'],
  ['key', 'keys'],
  ['expiresIn', 'expiresAt'],
] as const

function settle(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const members = new Map(Object.entries(value))
  for (const [first, second] of EXCLUSIVE) if (members.has(first)) members.delete(second)
  return Object.fromEntries(members)
}

/** What a call cannot do without, or not do anything without; all else is optional. */
const PLAIN = new Set(
  'bucket key prefix keys filename type size expiresIn expiresAt parts partNumber PartNumber etag ETag method requests uploads id uploadId label contentType metadata name'.split(
    ' ',
  ),
)

/** The value with its plain members alone: the more options a request has, the sooner one of them is refused. */
function toPlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toPlain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => PLAIN.has(name))
      .map(([name, member]) => [name, toPlain(member)]),
  )
}

function toFittingCall(
  path: string,
  method: string,
  operation: ApiOperation,
  hints: Hints,
): fc.Arbitrary<Fitting> {
  const fit = (schema: Parameters<typeof toFitting>[0], name: string): fc.Arbitrary<unknown> => {
    const plain = toFitting(schema, hints, resolveSchema, name)
    const hint = hints.get(name)
    return hint === undefined ? plain : fc.oneof({ arbitrary: hint, weight: 6 }, plain)
  }
  const ofKind = (kind: 'path' | 'query') =>
    (operation.parameters ?? []).filter((entry) => entry.in === kind)
  const record = (kind: 'path' | 'query') =>
    Object.fromEntries(ofKind(kind).map(({ name, schema }) => [name, fit(schema, name)]))
  const required = ofKind('query').flatMap((entry) => (entry.required ? [entry.name] : []))
  const schema = operation.requestBody?.content['application/json']?.schema
  const body =
    schema === undefined
      ? fc.constant(undefined)
      : fc
          .tuple(toFitting(schema, hints, resolveSchema), fc.boolean())
          .map(([value, isPlain]) => settle(isPlain ? toPlain(value) : value))
  return fc
    .tuple(fc.record(record('path')), fc.record(record('query'), { requiredKeys: required }), body)
    .map(([segments, query, value]) => ({
      method: method.toUpperCase(),
      path: path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodePath(segments[name])),
      query: Object.entries(query).map(([name, text]) => [
        encodeURIComponent(name),
        encodeURIComponent(String(text).toWellFormed()),
      ]),
      body: value,
    }))
}

/** `count` fitting requests, the operations in turn. */
export function sampleFitting(
  count: number,
  seed: number,
  hintsOf: (path: string) => Hints,
): Fitting[] {
  const each = Math.ceil(count / operations.length)
  const columns = operations.map(({ path, method, operation }, at) =>
    fc.sample(toFittingCall(path, method, operation, hintsOf(path)), {
      numRuns: each,
      seed: seed + at,
    }),
  )
  return Array.from({ length: each }, (_, row) => columns.flatMap((column) => column[row] ?? []))
    .flat()
    .slice(0, count)
}
