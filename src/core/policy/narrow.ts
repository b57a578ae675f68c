// The claim `postern`: grants that a token brings along, which only ever take away from those configured.
import * as v from 'valibot'
import { err, ok, type Result } from '../result.ts'
import type { Json } from '../token/session.ts'
import { duration, size } from '../units.ts'
import { ACTIONS, type Action, type Grant, OPTIONS, type Option } from './grant.ts'
import { parseObjectKey } from './key.ts'
import { parsePrefixTemplate, type PrefixTemplate } from './prefix.ts'

/** One entry of the claim; what it does not mention it does not narrow. */
export interface Narrowing {
  readonly bucket: string
  /** Keys below a prefix, or one key exactly. */
  readonly covers:
    | { readonly kind: 'prefix'; readonly template: PrefixTemplate }
    | { readonly kind: 'key'; readonly key: string }
  readonly allow: ReadonlySet<Action>
  readonly maxBytes?: number
  readonly types?: readonly string[]
  readonly maxExpiresSeconds?: number
  readonly inline?: ReadonlySet<string>
  readonly options?: ReadonlySet<Option>
}

const texts = v.array(v.pipe(v.string(), v.maxLength(255)))

/** The grammar of GRANTS, with `key` for a single object and without what only an operator decides. */
const claim = v.strictObject({
  grants: v.array(
    v.strictObject({
      bucket: v.string(),
      prefix: v.optional(v.string()),
      key: v.optional(v.string()),
      allow: v.pipe(v.array(v.picklist(ACTIONS)), v.nonEmpty()),
      max_bytes: v.optional(size),
      types: v.optional(texts),
      max_expires: v.optional(v.pipe(duration, v.minValue(1))),
      inline: v.optional(texts),
      options: v.optional(v.array(v.picklist(OPTIONS))),
    }),
  ),
})

type Entry = v.InferOutput<typeof claim>['grants'][number]

function toCovers({ prefix, key }: Entry): Narrowing['covers'] | null {
  if ((prefix === undefined) === (key === undefined)) return null
  if (key !== undefined) return parseObjectKey(key).ok ? { kind: 'key', key } : null
  const template = parsePrefixTemplate(prefix ?? '')
  return template.ok ? { kind: 'prefix', template: template.value } : null
}

/** The entries of the claim; anything that is not exactly as described refuses the token, and narrows nothing less. */
export function parseNarrowing(value: Json): Result<readonly Narrowing[], null> {
  const parsed = v.safeParse(claim, value)
  if (!parsed.success) return err(null)
  const entries: Narrowing[] = []
  for (const entry of parsed.output.grants) {
    const covers = toCovers(entry)
    if (covers === null) return err(null)
    const { bucket, allow, max_bytes, types, max_expires, inline, options } = entry
    entries.push({
      bucket,
      covers,
      allow: new Set(allow),
      ...(max_bytes !== undefined && { maxBytes: max_bytes }),
      ...(types !== undefined && { types }),
      ...(max_expires !== undefined && { maxExpiresSeconds: max_expires }),
      ...(inline !== undefined && { inline: new Set(inline) }),
      ...(options !== undefined && { options: new Set(options) }),
    })
  }
  return ok(entries)
}

/** What is left of a grant under an entry: the least of all bounds. `types` are checked against both. */
export function narrowGrant(grant: Grant, by: Narrowing): Grant {
  const maxBytes = Math.min(grant.maxBytes ?? Infinity, by.maxBytes ?? Infinity)
  return {
    ...grant,
    allow: grant.allow.intersection(by.allow),
    ...(maxBytes !== Infinity && { maxBytes }),
    maxExpiresSeconds: Math.min(grant.maxExpiresSeconds, by.maxExpiresSeconds ?? Infinity),
    inline: by.inline === undefined ? grant.inline : grant.inline.intersection(by.inline),
    options: by.options === undefined ? grant.options : grant.options.intersection(by.options),
  }
}
