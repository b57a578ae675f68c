// Every error code that an answer can carry, with its status and its title.

interface ErrorEntry {
  readonly status: number
  readonly title: string
}

/** Stable error codes; when each happens is told in `error-docs.ts`. */
export const ERRORS = {
  invalid_request: {
    status: 400,
    title: 'The request is malformed',
  },
  invalid_token: {
    status: 401,
    title: 'The credential is missing or not valid',
  },
  forbidden: {
    status: 403,
    title: 'Not allowed',
  },
  link_denied: {
    status: 403,
    title: 'The link does not open here and now',
  },
  not_found: {
    status: 404,
    title: 'Not found',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
  },
  conflict: {
    status: 409,
    title: 'Conflict with the current state',
  },
  link_gone: {
    status: 410,
    title: 'The link is gone',
  },
  precondition_failed: {
    status: 412,
    title: 'Precondition failed',
  },
  too_large: {
    status: 413,
    title: 'Too large',
  },
  unsupported_type: {
    status: 415,
    title: 'Content type not granted',
  },
  range_not_satisfiable: {
    status: 416,
    title: 'Range not satisfiable',
  },
  checksum_mismatch: {
    status: 422,
    title: 'Checksum mismatch',
  },
  size_mismatch: {
    status: 422,
    title: 'Size mismatch',
  },
  rate_limited: {
    status: 429,
    title: 'Request cannot be satisfied as assigned quota has been exceeded',
  },
  internal: {
    status: 500,
    title: 'Internal error',
  },
  unsupported_by_provider: {
    status: 501,
    title: 'Not supported by this storage provider',
  },
  upstream_error: {
    status: 502,
    title: 'The storage failed',
  },
  misconfigured: {
    status: 503,
    title: 'The gateway is misconfigured',
  },
  unavailable: {
    status: 503,
    title: 'Temporarily unavailable',
  },
  upstream_timeout: {
    status: 504,
    title: 'The storage did not answer in time',
  },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof ERRORS

/** One fault of the input: `pointer` is a JSON pointer (RFC 6901) or a query or header name. */
export interface FieldError {
  readonly pointer: string
  readonly detail: string
}
