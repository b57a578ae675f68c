// Every error code that an answer can carry, with its status, its title and when it happens.

interface ErrorEntry {
  readonly status: number
  readonly title: string
  readonly when: string
}

/** Stable error codes; `docs/errors.md` and the OpenAPI document are made from this table. */
export const ERRORS = {
  invalid_request: {
    status: 400,
    title: 'The request is malformed',
    when: 'Malformed input; `errors` says where, with a JSON pointer for each fault.',
  },
  invalid_token: {
    status: 401,
    title: 'The credential is missing or not valid',
    when: 'No token, or one that fails any check. There is one public text for all of them; the reason is in the log.',
  },
  forbidden: {
    status: 403,
    title: 'Not allowed',
    when: 'No grant allows it. The same answer is given for what does not exist, such as an unknown bucket.',
  },
  not_found: {
    status: 404,
    title: 'Not found',
    when: 'No such route, upload, link or object that the caller may see.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    when: 'The path exists, the method does not; `Allow` lists those that do.',
  },
  conflict: {
    status: 409,
    title: 'Conflict with the current state',
    when: 'The object exists and `overwrite` was not asked, or the upload is in another state.',
  },
  precondition_failed: {
    status: 412,
    title: 'Precondition failed',
    when: 'If-Match or If-None-Match does not hold.',
  },
  too_large: {
    status: 413,
    title: 'Too large',
    when: 'The request body, or the size declared for an object, is over the limit of the gateway, the grant or S3.',
  },
  unsupported_type: {
    status: 415,
    title: 'Content type not granted',
    when: 'The content type declared for an object is not among those granted.',
  },
  checksum_mismatch: {
    status: 422,
    title: 'Checksum mismatch',
    when: 'What S3 holds does not have the declared checksum; the object has been removed.',
  },
  size_mismatch: {
    status: 422,
    title: 'Size mismatch',
    when: 'What S3 holds is not what was declared; the object has been removed.',
  },
  rate_limited: {
    status: 429,
    title: 'Request cannot be satisfied as assigned quota has been exceeded',
    when: 'A limit is used up; `Retry-After`, `RateLimit` and `RateLimit-Policy` say which and for how long.',
  },
  internal: {
    status: 500,
    title: 'Internal error',
    when: 'A bug; the request id finds it in the log.',
  },
  unsupported_by_provider: {
    status: 501,
    title: 'Not supported by this storage provider',
    when: 'The bucket’s provider cannot do this; `detail` says what to use instead.',
  },
  upstream_error: {
    status: 502,
    title: 'The storage failed',
    when: 'S3 failed in a way that is not the caller’s; its error code is in the log.',
  },
  misconfigured: {
    status: 503,
    title: 'The gateway is misconfigured',
    when: 'The configuration has faults; the log and `/readyz` list them.',
  },
  unavailable: {
    status: 503,
    title: 'Temporarily unavailable',
    when: 'A key set, the revocation list or a store that must not fail open is down.',
  },
  upstream_timeout: {
    status: 504,
    title: 'The storage did not answer in time',
    when: 'S3 did not answer in time.',
  },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof ERRORS

/** One fault of the input: `pointer` is a JSON pointer (RFC 6901) or a query or header name. */
export interface FieldError {
  readonly pointer: string
  readonly detail: string
}
