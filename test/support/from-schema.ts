// Values that fit a JSON Schema, and values that just miss it, as fast-check arbitraries.
import * as fc from 'fast-check'

export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly properties?: { readonly [name: string]: JsonSchema }
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly oneOf?: readonly JsonSchema[]
  readonly anyOf?: readonly JsonSchema[]
}

/** Values for members that mean something only to a live gateway, by name. */
export type Hints = ReadonlyMap<string, fc.Arbitrary<unknown>>

/** Lists are kept short: their bounds have tests of their own. */
const MAX_ITEMS = 4

function toText(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (schema.pattern !== undefined) return fc.stringMatching(new RegExp(schema.pattern, 'u'))
  const maxLength = Math.min(schema.maxLength ?? 40, 40)
  return fc.string({ minLength: schema.minLength ?? 0, maxLength, unit: 'grapheme' })
}

/** Values that fit the schema; a hint of the member's name is taken three times in four. */
export function toFitting(
  schema: JsonSchema,
  hints: Hints,
  resolve: (ref: string) => JsonSchema,
  name = '',
): fc.Arbitrary<unknown> {
  const inner = (member: JsonSchema, memberName: string): fc.Arbitrary<unknown> => {
    const plain = toFitting(member, hints, resolve, memberName)
    const hint = hints.get(memberName)
    return hint === undefined
      ? plain
      : fc.oneof({ arbitrary: hint, weight: 3 }, { arbitrary: plain, weight: 1 })
  }
  if (schema.$ref !== undefined) return toFitting(resolve(schema.$ref), hints, resolve, name)
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  const choices = schema.oneOf ?? schema.anyOf
  if (choices !== undefined)
    return fc.oneof(...choices.map((choice) => toFitting(choice, hints, resolve, name)))
  switch (schema.type) {
    case 'string':
      return toText(schema)
    case 'integer':
    case 'number':
      return fc.integer({
        min: schema.minimum ?? 0,
        max: Math.min(schema.maximum ?? 2 ** 34, 2 ** 34),
      })
    case 'boolean':
      return fc.boolean()
    case 'array': {
      const minLength = Math.min(schema.minItems ?? 0, MAX_ITEMS)
      return fc.array(inner(schema.items ?? {}, name), { minLength, maxLength: MAX_ITEMS })
    }
    case 'object': {
      const members = Object.entries(schema.properties ?? {})
      return fc.record(
        Object.fromEntries(members.map(([key, member]) => [key, inner(member, key)])),
        { requiredKeys: [...(schema.required ?? [])] },
      )
    }
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}

/** A fitting object with one member gone, wrong or too many. */
export function toMissing(fitting: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .tuple(fitting, fc.nat(), fc.jsonValue({ maxDepth: 2 }), fc.nat(3))
    .map(([value, at, other, kind]) => {
      if (typeof value !== 'object' || value === null || kind === 3) return other
      const entries = Object.entries(value)
      if (kind === 2 || entries.length === 0) return { ...value, nonsense: other }
      const chosen = at % entries.length
      return Object.fromEntries(
        entries.flatMap(([name, member], index) => {
          if (index !== chosen) return [[name, member]]
          return kind === 0 ? [] : [[name, other]]
        }),
      )
    })
}
