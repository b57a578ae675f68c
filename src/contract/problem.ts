// A refusal as RFC 9457 problem+json: the body of every answer of 400 and above.
import * as v from 'valibot'
import { ERRORS, type ErrorCode } from './errors.ts'

/** The codes of the table, as the picklist that a schema needs. */
const codes = Object.keys(ERRORS) as ErrorCode[]

export const problem = v.strictObject({
  /** `PUBLIC_URL/docs/errors#code`; of a limit the IANA URI of quota-exceeded (429) or temporary-reduced-capacity (503). */
  type: v.string(),
  title: v.string(),
  status: v.number(),
  detail: v.string(),
  code: v.picklist(codes),
  requestId: v.string(),
  errors: v.optional(v.array(v.strictObject({ pointer: v.string(), detail: v.string() }))),
  /** The limits that are used up, or with 503 those that cannot be checked. */
  'violated-policies': v.optional(v.array(v.string())),
})
export type Problem = v.InferOutput<typeof problem>
