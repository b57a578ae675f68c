// The shape of one entry of LIMITS.
import * as v from 'valibot'
import { LIMITED_ACTIONS } from '../core/limit/policy.ts'
import { listOf, name } from './schema-text.ts'
import { duration, size } from '../core/units.ts'

export const limitSchema = v.strictObject({
  name: name,
  per: v.picklist(['sub', 'ip', 'link', 'bucket'], 'expected sub, ip, link or bucket'),
  // The largest integer of a header field (RFC 9651 §3.3.1).
  allow: v.pipe(size, v.minValue(1, 'at least 1'), v.maxValue(999_999_999_999_999, 'too large')),
  every: v.pipe(duration, v.minValue(1, 'at least 1s')),
  unit: v.optional(v.picklist(['requests', 'bytes'], 'expected requests or bytes'), 'requests'),
  on: v.optional(
    v.pipe(listOf(LIMITED_ACTIONS), v.nonEmpty('expected at least one kind of request')),
  ),
  store: v.optional(v.picklist(['kv', 'durable-object'], 'expected kv or durable-object'), 'kv'),
  preset: v.optional(
    v.picklist(['eco', 'standard', 'tight'], 'expected eco, standard or tight'),
    'standard',
  ),
  binding: v.optional(name),
  on_error: v.optional(v.picklist(['allow', 'deny'], 'expected allow or deny'), 'allow'),
  approximate: v.optional(v.boolean(), false),
})
