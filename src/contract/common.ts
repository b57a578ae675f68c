// Shapes that several resources share: header text, content types, object keys, lifetimes.
import * as v from 'valibot'

export const bucketAlias = v.pipe(
  v.string('expected the alias of a bucket'),
  v.minLength(1),
  v.maxLength(64),
)

/** Checked again, strictly, when it becomes an ObjectKey. */
export const keyText = v.pipe(v.string('expected an object key'), v.minLength(1), v.maxLength(4096))

/** Seconds, 1 … 604800. */
export const expiresIn = v.pipe(
  v.number('expected an integer of seconds'),
  v.safeInteger('expected an integer of seconds'),
  v.minValue(1, 'expected 1 to 604800 seconds'),
  v.maxValue(604_800, 'expected 1 to 604800 seconds'),
)

/** The same as text, in a query. */
export const queryInteger = v.pipe(
  v.string(),
  v.regex(/^[1-9]\d{0,5}$/, 'expected a positive integer'),
  v.description('positive integer'),
  v.transform(Number),
)

/** Bytes. */
export const byteSize = v.pipe(
  v.number('expected an integer of bytes'),
  v.safeInteger('expected an integer of bytes'),
  v.minValue(0, 'expected an integer of bytes'),
)

/** What may stand in a signed header or response override: visible ASCII and single spaces. */
export const headerText = v.pipe(
  v.string('expected text'),
  v.regex(
    /^[\x21-\x7e]+( [\x21-\x7e]+)*$/,
    'expected visible ASCII characters with single spaces between them',
  ),
  v.maxLength(1024, 'expected at most 1024 characters'),
)

/** A content type, RFC 9110 §8.3.1, with optional parameters; visible ASCII and single spaces. */
export const contentType = v.pipe(
  v.string('expected a content type'),
  v.regex(
    /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+( ?; ?[\w!#$&^.+-]+=("(?: ?[\x21\x23-\x5b\x5d-\x7e])* ?"|[\w!#$&^.+-]+))*$/,
    'expected a content type such as "image/png"',
  ),
  v.maxLength(255, 'expected at most 255 characters'),
)

/** All types of a family, as in "image/*". */
export const typeFamily = v.pipe(v.string(), v.regex(/^[\w!#$&^.+-]{1,127}\/\*$/))

/** A Content-Disposition: header text, or with a quoted file name in any script, which becomes RFC 8187's form. */
export const dispositionText = v.pipe(
  v.string('expected text'),
  v.maxLength(1024, 'expected at most 1024 characters'),
  v.regex(
    // oxlint-disable-next-line no-control-regex -- it refuses them: they would split the header
    /^(?:[\x21-\x7e]+(?: [\x21-\x7e]+)*|(?:attachment|inline) ?; ?filename="[^"\\\0-\x1f\x7f-\x9f]{1,255}")$/u,
    'expected a Content-Disposition such as attachment; filename="a.pdf"',
  ),
)

export const versionId = v.pipe(
  v.string('expected a version id'),
  v.regex(/^[\x21-\x7e]{1,1024}$/, 'expected a version id'),
)

/** RFC 3339. ISO 8601 allows more, such as an offset of hours alone, which Date.parse cannot read: a time never to come. */
export const timestamp = v.pipe(
  v.string(),
  v.regex(
    /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3])(:[0-5]\d){2}(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/,
    'expected a time',
  ),
)

/** A request that the client can send as it is: all of `headers` are signed and must be sent. */
export const signedRequest = v.strictObject({
  method: v.picklist(['GET', 'HEAD', 'PUT', 'DELETE']),
  url: v.string(),
  headers: v.record(v.string(), v.string()),
  expiresAt: timestamp,
})
export type SignedRequest = v.InferOutput<typeof signedRequest>
