// What S3's errors mean for the holder of a signed URL, by code and by message.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
import { fault, type Finding } from './finding.ts'

/** Messages that say more than their code. */
export const MESSAGES: readonly (readonly [RegExp, Finding])[] = [
  [
    /Request has expired|Policy expired/,
    fault(
      'expired',
      'the URL or form was used after its end: have a new one made; uploads must start, not end, before it',
    ),
  ],
  [
    /not yet valid|Request is not valid yet/,
    fault('not-yet-valid', 'the URL is signed for a time to come: the signer’s clock is ahead'),
  ],
  [
    /headers present in the request which were not signed/,
    fault(
      'unsigned-header',
      'the client sent x-amz-* headers that the signature does not cover: leave them out, or have them signed',
    ),
  ],
  [
    /Only one auth mechanism allowed/,
    fault(
      'two-credentials',
      'the request carries an Authorization header beside the signed URL: clients that follow a redirect with it, or add it to all calls, must leave it out',
    ),
  ],
  [
    /authorization mechanism you have provided is not supported/,
    fault(
      'version-2',
      'this region takes Signature Version 4 only: the URL is signed by version 2',
    ),
  ],
  [
    /require AWS Signature Version 4/,
    fault('version-2', 'objects under KMS need Signature Version 4'),
  ],
  [
    /X-Amz-Expires must be less than a week/,
    fault('life-out-of-range', 'X-Amz-Expires is more than 604800 seconds'),
  ],
  [
    /Query-string authentication (?:version 4 )?requires/,
    fault(
      'truncated',
      'parameters of the signature are missing: the URL was cut off, or its "&" was read by a shell or written as &amp;',
    ),
  ],
  [
    /X-Amz-Credential.*(?:malformed|Credential)/i,
    fault(
      'credential-malformed',
      'X-Amz-Credential is not as it should be: encoded twice, or cut off',
    ),
  ],
  [
    /Signed expiration time is not within|Expires must be/,
    fault('expired', 'the life of the URL is over, or no number'),
  ],
  [
    /The provided token is malformed/,
    fault(
      'token-malformed',
      'the session token does not survive: a "+" in it must be %2B, and it must not be cut off',
    ),
  ],
  [
    /Transfer-Encoding/,
    fault(
      'chunked',
      'the client sent the body in chunks of unknown length: S3 wants a Content-Length; give the client a file, not a stream',
    ),
  ],
]

/** By code, where nothing more is told. */
export const CODES: ReadonlyMap<string, Finding> = new Map([
  [
    'SignatureDoesNotMatch',
    fault(
      'signature',
      'S3 computed another signature: another method than signed, a signed header that was not sent or was changed, another host, a URL that was re-encoded, or another secret; give the URL too, and what the client sent (--error, --method, --header)',
    ),
  ],
  [
    'AccessDenied',
    fault(
      'access-denied',
      'the signature is right, but its key may not do this, or the URL expired, or a bucket policy, an unsigned x-amz-* header or a missing object without the right to list it stands in the way',
    ),
  ],
  [
    'InvalidAccessKeyId',
    fault(
      'key-unknown',
      'no such access key at this store: deleted, of another store, or temporary without its X-Amz-Security-Token',
    ),
  ],
  // R2's word for it.
  ['Unauthorized', fault('key-unknown', 'no such access key at this store')],
  [
    'ExpiredToken',
    fault(
      'credentials-ended',
      'the temporary credentials that signed the URL have ended, and the URL with them: sign with longer ones',
    ),
  ],
  [
    'InvalidToken',
    fault(
      'token-malformed',
      'the session token is not that of the key, or was changed on its way: "+" must be %2B',
    ),
  ],
  ['TokenRefreshRequired', fault('credentials-ended', 'the temporary credentials must be renewed')],
  ['RequestTimeTooSkewed', fault('clock', 'the signer’s clock is off by more than 15 minutes')],
  [
    'AuthorizationQueryParametersError',
    fault('query-parameters', 'a parameter of the signature is missing, doubled or malformed'),
  ],
  [
    'AuthorizationHeaderMalformed',
    fault('region-mismatch', 'the Authorization header is for another region, or malformed'),
  ],
  [
    'PermanentRedirect',
    fault('other-endpoint', 'the bucket answers at another host: sign for that'),
  ],
  [
    'TemporaryRedirect',
    fault(
      'other-endpoint',
      'the bucket is new, and answers at its region’s host for now: sign for that',
    ),
  ],
  [
    'NoSuchKey',
    fault(
      'no-object',
      'the signature is right; there is no object of this key: look for double encoding, "+" for space, a missing folder, another Unicode form',
    ),
  ],
  [
    'NoSuchBucket',
    fault('no-bucket', 'the signature is right; there is no such bucket at this store'),
  ],
  [
    'NoSuchUpload',
    fault('no-upload', 'the multipart upload was completed, aborted, or swept away'),
  ],
  ['NoSuchVersion', fault('no-version', 'there is no such version of the object')],
  [
    'MethodNotAllowed',
    fault(
      'method',
      'this method does nothing to this resource: a delete marker, or a POST without a form',
    ),
  ],
  [
    'PreconditionFailed',
    fault('exists', 'a condition failed: with if-none-match the object exists already'),
  ],
  ['ConditionalRequestConflict', fault('conflict', 'two writers met: try again')],
  ['EntityTooLarge', fault('size', 'the upload is larger than the policy, or than 5 GiB')],
  ['EntityTooSmall', fault('size', 'the upload is smaller than the policy, or a part below 5 MiB')],
  [
    'MissingContentLength',
    fault('chunked', 'the client sent no Content-Length: give it a file, not a stream'),
  ],
  [
    'IncompleteBody',
    fault('body', 'fewer bytes came than Content-Length says: the connection broke'),
  ],
  [
    'BadDigest',
    fault(
      'checksum',
      'the content is not that of the checksum: it was changed, or the wrong file was sent',
    ),
  ],
  [
    'InvalidDigest',
    fault('checksum', 'the checksum is malformed: base64 of the raw bytes is needed, not hex'),
  ],
  [
    'XAmzContentSHA256Mismatch',
    fault('checksum', 'the content is not that of x-amz-content-sha256'),
  ],
  [
    'XAmzContentChecksumMismatch',
    fault('checksum', 'the content is not that of the checksum header'),
  ],
  ['MalformedPOSTRequest', fault('form', 'the form is not multipart/form-data with its file last')],
  [
    'InvalidPolicyDocument',
    fault('policy-malformed', 'the policy is no base64 of JSON as S3 wants it'),
  ],
  [
    'InvalidBucketName',
    fault('no-bucket', 'the bucket’s name is none: the host or path was changed'),
  ],
  [
    'InvalidURI',
    fault('broken-encoding', 'the path cannot be decoded: a "%" without two hex digits'),
  ],
  ['KeyTooLongError', fault('key', 'the key is longer than 1024 bytes')],
  [
    'NotImplemented',
    fault(
      'not-implemented',
      'this store does not do that: a header or parameter that only others know',
    ),
  ],
  [
    'InvalidArgument',
    fault(
      'argument',
      'an argument is not right; on Ceph also an Authorization header beside the signed URL',
    ),
  ],
  [
    'InvalidRequest',
    fault('request', 'the request is not one that S3 takes; its message says why'),
  ],
  ['InvalidObjectState', fault('archived', 'the object is archived: restore it first')],
  ['SlowDown', fault('busy', 'too many requests for this prefix: slow down and try again')],
  ['ServiceUnavailable', fault('busy', 'the store is busy: try again')],
  ['InternalError', fault('internal', 'the store failed: try again')],
  [
    'RequestTimeout',
    fault('body', 'the body did not arrive in time, or was shorter than Content-Length says'),
  ],
])
