// Every way in which a request can fail, with its private data, and the public answer to each.
import type { ConfigFault } from '../config/env.ts'
import type { ErrorCode, FieldError } from '../contract/errors.ts'
import type { Denial } from '../core/policy/decide.ts'
import type { SignFault } from '../core/sign/requests.ts'
import { LINK_ANSWERS, LINKS_UNAVAILABLE, type LinkCode } from './link-answers.ts'
import { describeTokenFault, type TokenFault } from '../core/token/fault.ts'
import type { LimitFault, UploadFault } from '../core/upload/upload.ts'
import type { CredentialFault, StoreFault } from '../ports.ts'

export type Failure =
  | UploadFault
  | { readonly kind: 'two_credentials' }
  | { readonly kind: 'cross_site' }
  | { readonly kind: 'token'; readonly fault: TokenFault | null }
  | { readonly kind: 'denied'; readonly denial: Denial }
  | { readonly kind: 'body_too_large'; readonly maxBytes: number }
  | LimitFault
  | { readonly kind: 'unknown_upload'; readonly reason: string }
  | { readonly kind: 'repeats_unavailable' }
  | {
      readonly kind: 'link'
      readonly code: LinkCode
      readonly reason: string
    }
  | { readonly kind: 'links_unavailable' }
  | { readonly kind: 'no_route' }
  | { readonly kind: 'no_method'; readonly allow: readonly string[] }
  | {
      readonly kind: 'misconfigured'
      readonly faults: readonly ConfigFault[]
      readonly isListed: boolean
    }
  | { readonly kind: 'bug' }

/** The public answer: its code, a text without any input, headers, and extra members. */
export interface PublicAnswer {
  readonly code: ErrorCode
  readonly detail: string
  /** Private; for the log alone. */
  readonly reason?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly errors?: readonly FieldError[]
  readonly violatedPolicies?: readonly string[]
}

const NO_GRANT = 'No grant allows this request.'

function answerToken(fault: TokenFault | null): PublicAnswer {
  if (fault === null) {
    const detail = 'This request needs a session token: Authorization: Bearer …'
    return {
      code: 'invalid_token',
      detail,
      reason: 'no credential',
      headers: { 'WWW-Authenticate': 'Bearer' },
    }
  }
  const reason = describeTokenFault(fault)
  if (fault.reason === 'keys_unavailable' || fault.reason === 'revocation_unknown') {
    const detail = 'Session tokens cannot be checked at the moment.'
    return { code: 'unavailable', detail, reason, headers: { 'Retry-After': '5' } }
  }
  // One text for every fault: which check failed would help nobody but a forger (RFC 6750 §3.1).
  const challenge = { 'WWW-Authenticate': 'Bearer error="invalid_token"' }
  return {
    code: 'invalid_token',
    detail: 'The session token is not valid.',
    reason,
    headers: challenge,
  }
}

function answerDenial(denial: Denial): PublicAnswer {
  switch (denial.reason) {
    case 'unknown_bucket':
    case 'bucket_disabled':
    case 'no_grant':
    case 'staged':
      return { code: 'forbidden', detail: NO_GRANT, reason: denial.reason }
    case 'option_not_granted':
      return { code: 'forbidden', detail: NO_GRANT, reason: `${denial.reason} ${denial.grant}` }
    case 'over_max_bytes': {
      const detail = `The size is over the ${denial.maxBytes} bytes that are granted.`
      return { code: 'too_large', detail, reason: `${denial.reason} ${denial.grant}` }
    }
    case 'type_not_granted':
      return {
        code: 'unsupported_type',
        detail: 'This content type is not granted.',
        reason: `${denial.reason} ${denial.grant}`,
      }
  }
}

function answerCredentials({ detail }: CredentialFault): PublicAnswer {
  return {
    code: 'unavailable',
    detail: 'The storage cannot be signed for at the moment.',
    reason: `no credentials: ${detail}`,
    headers: { 'Retry-After': '5' },
  }
}

function answerStore(fault: StoreFault): PublicAnswer {
  if (fault.reason === 'no_credentials') return answerCredentials(fault)
  if (fault.reason === 'timeout') {
    return {
      code: 'upstream_timeout',
      detail: 'The storage did not answer in time.',
      reason: 'timeout',
    }
  }
  const reason =
    fault.reason === 'status' ? `status ${fault.status} ${fault.code ?? ''}`.trim() : fault.reason
  return { code: 'upstream_error', detail: 'The storage failed; try again later.', reason }
}

function answerSign(fault: SignFault): PublicAnswer {
  if (fault.reason === 'unsupported')
    return { code: 'unsupported_by_provider', detail: fault.detail }
  if (fault.reason === 'no_credentials') return answerCredentials(fault)
  return answerToken({ reason: 'expired' })
}

function answerMismatch({ of, isKept }: Extract<Failure, { kind: 'mismatch' }>): PublicAnswer {
  if (of === 'content') {
    const detail = 'The content is not of the type that was declared; it has been removed.'
    return { code: 'unsupported_type', detail, reason: 'content is of another type' }
  }
  return {
    code: of === 'checksum' ? 'checksum_mismatch' : 'size_mismatch',
    detail: `The ${of} of what arrived is not what was declared; it ${isKept ? 'stays' : 'has been removed'}.`,
    reason: `${of} mismatch`,
  }
}

const PARTS = {
  missing: ['conflict', 'not there yet.'],
  wrong_size: ['size_mismatch', 'what arrived has another size; send it again.'],
  wrong_etag: ['checksum_mismatch', 'what arrived has another ETag than named; send it again.'],
  corrupt: ['checksum_mismatch', 'together they do not have the checksum that was declared.'],
} as const

function answerParts({ of, partNumbers }: Extract<Failure, { kind: 'parts' }>): PublicAnswer {
  const [code, text] = PARTS[of]
  // The first ones are enough to go on with.
  const more = partNumbers.length > 20 ? ` and ${partNumbers.length - 20} more` : ''
  const named = partNumbers.length > 0 ? ` ${partNumbers.slice(0, 20).join(', ')}${more}` : ''
  return { code, detail: `Parts${named}: ${text}` }
}

/** The one exhaustive switch from private failures to public answers. */
export function toAnswer(failure: Failure): PublicAnswer {
  switch (failure.kind) {
    case 'shape':
      return {
        code: 'invalid_request',
        detail: 'The request is malformed; see errors.',
        errors: failure.errors,
      }
    case 'two_credentials':
      return {
        code: 'invalid_request',
        detail: 'Send exactly one credential.',
        reason: 'several credentials',
      }
    case 'cross_site':
      return {
        code: 'forbidden',
        detail: 'A cookie session may not do this from another site.',
        reason: 'unsafe request by cookie from another site',
      }
    case 'token':
      return answerToken(failure.fault)
    case 'denied':
      return answerDenial(failure.denial)
    case 'body_too_large':
      return { code: 'too_large', detail: `The body is over ${failure.maxBytes} bytes.` }
    case 'object_too_large':
      return { code: 'too_large', detail: failure.detail }
    case 'sign':
      return answerSign(failure.fault)
    case 'limited':
      return {
        code: 'rate_limited',
        detail: 'Too many requests; try again after the time in Retry-After.',
        reason: `limits ${failure.policies.join(' ')}`,
        headers: { 'Retry-After': String(failure.retryAfterSeconds) },
        violatedPolicies: failure.policies,
      }
    case 'limit_unavailable':
      return {
        code: 'unavailable',
        detail: 'A limit that must not fail open cannot be checked at the moment.',
        reason: `limit store down: ${failure.policies.join(' ')}`,
        headers: { 'Retry-After': '5' },
        violatedPolicies: failure.policies,
      }
    case 'byte_quota':
      return {
        code: 'forbidden',
        detail: 'A byte quota applies here: upload through POST /v1/uploads.',
        reason: 'byte quota',
      }
    case 'store':
      return answerStore(failure.fault)
    case 'unknown_upload':
      return { code: 'not_found', detail: 'There is no such upload.', reason: failure.reason }
    case 'conflict':
      return { code: 'conflict', detail: failure.detail }
    case 'mismatch':
      return answerMismatch(failure)
    case 'parts':
      return answerParts(failure)
    case 'repeats_unavailable':
      return {
        code: 'unavailable',
        detail: 'Idempotency-Key cannot be honoured at the moment; try again.',
        headers: { 'Retry-After': '5' },
      }
    case 'link':
      return { code: failure.code, detail: LINK_ANSWERS[failure.code], reason: failure.reason }
    case 'links_unavailable':
      return LINKS_UNAVAILABLE
    case 'no_route':
      return { code: 'not_found', detail: 'There is no such route.' }
    case 'no_method':
      return {
        code: 'method_not_allowed',
        detail: 'The path exists, the method does not.',
        headers: { Allow: failure.allow.join(', ') },
      }
    case 'misconfigured':
      return {
        code: 'misconfigured',
        detail: 'The gateway is misconfigured; its log says how.',
        reason: failure.faults.map(({ path, detail }) => `${path}: ${detail}`).join('; '),
        ...(failure.isListed && {
          errors: failure.faults.map(({ path, detail }) => ({ pointer: path, detail })),
        }),
      }
    case 'bug':
      return {
        code: 'internal',
        detail: 'Something went wrong here; quote the request id when you report it.',
      }
  }
}
