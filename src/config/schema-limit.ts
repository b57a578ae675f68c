// The shape of one entry of LIMITS.
import * as v from 'valibot'
import { LIMITED_ACTIONS } from '../core/limit/policy.ts'
import { listOf, name } from './schema-text.ts'
import { duration } from '../core/units.ts'

export const limitSchema = v.strictObject({
  name: v.pipe(name, v.description('Label in headers.')),
  per: v.pipe(
    v.picklist(['sub', 'ip', 'link', 'bucket'], 'expected sub, ip, link or bucket'),
    v.description('What is counted separately.'),
  ),
  allow: v.pipe(
    v.number(),
    v.safeInteger('expected an integer'),
    v.minValue(1, 'at least 1'),
    v.description('Units in a window.'),
  ),
  every: v.pipe(duration, v.minValue(1, 'at least 1s'), v.description('Length of the window.')),
  unit: v.optional(
    v.pipe(v.picklist(['requests'], 'expected requests'), v.description('What a unit is.')),
    'requests',
  ),
  on: v.optional(
    v.pipe(
      listOf(LIMITED_ACTIONS),
      v.nonEmpty('expected at least one kind of request'),
      v.description('Kinds of request it applies to; all by default.'),
    ),
  ),
  store: v.optional(
    v.pipe(
      v.picklist(['kv', 'durable-object'], 'expected kv or durable-object'),
      v.description('`kv` is approximate, `durable-object` exact.'),
    ),
    'kv',
  ),
  preset: v.optional(
    v.pipe(
      v.picklist(['eco', 'standard', 'tight'], 'expected eco, standard or tight'),
      v.description('For kv: how much KV traffic accuracy may cost.'),
    ),
    'standard',
  ),
  binding: v.optional(
    v.pipe(
      name,
      v.description('A ratelimits binding in front, of this size or more: one count a location.'),
    ),
  ),
  on_error: v.optional(
    v.pipe(
      v.picklist(['allow', 'deny'], 'expected allow or deny'),
      v.description('When the store fails: go on, or answer 503.'),
    ),
    'allow',
  ),
  approximate: v.optional(
    v.pipe(
      v.boolean(),
      v.description('Admits that a kv limit under 20, or outside 1m…2m, is only approximate.'),
    ),
    false,
  ),
})
