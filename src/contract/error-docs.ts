// When each error code happens, for docs/errors.md and the OpenAPI document; the Worker never loads it.
import type { ErrorCode } from './errors.ts'

export const WHEN: { readonly [C in ErrorCode]: string } = {
  invalid_request: 'Malformed input; `errors` says where, with a JSON pointer for each fault.',
  invalid_token:
    'No token, or one that fails any check. There is one public text for all of them; the reason is in the log.',
  forbidden:
    'No grant allows it. The same answer is given for what does not exist, such as an unknown bucket.',
  link_denied: 'A condition of the link or its password fails, it begins later, or it is frozen.',
  not_found: 'No such route, upload, link or object that the caller may see.',
  method_not_allowed: 'The path exists, the method does not; `Allow` lists those that do.',
  conflict: 'The object exists and `overwrite` was not asked, or the upload is in another state.',
  link_gone: 'The link has expired, is used up or was revoked; after 30 days it is not found.',
  precondition_failed: 'If-Match or If-None-Match does not hold.',
  too_large:
    'The request body, or the size declared for an object, is over the limit of the gateway, the grant or S3.',
  unsupported_type: 'The content type declared for an object is not among those granted.',
  range_not_satisfiable: 'The range asked of a streamed link lies outside of the object.',
  checksum_mismatch:
    'What S3 holds does not have the checksum: a declared one, and the object has been removed, or one that was only named for an object that is there, and it stays.',
  size_mismatch: 'What S3 holds is not what was declared; the object has been removed.',
  rate_limited:
    'A limit is used up; `Retry-After`, `RateLimit` and `RateLimit-Policy` say which and for how long.',
  internal: 'A bug; the request id finds it in the log.',
  unsupported_by_provider:
    'The bucket’s provider cannot do this; `detail` says what to use instead.',
  upstream_error: 'S3 failed in a way that is not the caller’s; its error code is in the log.',
  misconfigured: 'The configuration has faults; the log and `/readyz` list them.',
  unavailable:
    'A key set, the revocation list, a store that must not fail open or the source of temporary credentials is down.',
  upstream_timeout: 'S3 did not answer in time.',
}
