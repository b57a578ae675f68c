// Refusing a request: RFC 9457 problem+json for a failure, and its private reason into the log record.
import { ERRORS } from '../contract/errors.ts'
import type { Problem } from '../contract/problem.ts'
import type { Result } from '../core/result.ts'
import type { Ctx } from './env.ts'
import { type Failure, toAnswer } from './failure.ts'

/** https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-11.html, problem types. */
const PROBLEM_TYPES = 'https://iana.org/assignments/http-problem-types'

/** The problem document of a failure, and the headers of its answer; the private reason goes into the log record. */
export function toProblem(c: Ctx, failure: Failure): { problem: Problem; headers: HeadersInit } {
  const { code, detail, reason, headers, errors, violatedPolicies } = toAnswer(failure)
  const { status, title } = ERRORS[code]
  const record = c.get('record')
  record.code = code
  if (reason !== undefined) record.reason = reason
  // Without a configuration there is no base for the link: a relative reference (RFC 9457 §3.1.1).
  const base = c.get('deps')?.config.publicUrl ?? ''
  const problem: Problem = {
    type:
      violatedPolicies === undefined
        ? `${base}/docs/errors#${code}`
        : `${PROBLEM_TYPES}#${status === 429 ? 'quota-exceeded' : 'temporary-reduced-capacity'}`,
    title,
    status,
    detail,
    code,
    requestId: c.get('requestId'),
    ...(errors !== undefined && { errors: [...errors] }),
    ...(violatedPolicies !== undefined && { 'violated-policies': [...violatedPolicies] }),
  }
  return { problem, headers: { ...headers, 'Content-Type': 'application/problem+json' } }
}

/** A handler that gives its refusals back, so that each reads as one line. */
export function refusing(
  work: (c: Ctx) => Promise<Result<Response, Failure>>,
  turnAway: (c: Ctx, failure: Failure) => Response | Promise<Response> = refuse,
): (c: Ctx) => Promise<Response> {
  return async (c) => {
    const done = await work(c)
    return done.ok ? done.value : turnAway(c, done.error)
  }
}

export function refuse(c: Ctx, failure: Failure): Response {
  const { problem, headers } = toProblem(c, failure)
  return new Response(JSON.stringify(problem), { status: problem.status, headers })
}
