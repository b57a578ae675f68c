// The calls of the upload handshake, as operations.ts has all others.
import type { ApiCall } from './api-call.ts'
import type { ErrorCode } from './errors.ts'
import {
  completeAnswer,
  completeBatch,
  completeBatchAnswer,
  completeBody,
  partsAnswer,
  partsBody,
  uploadAnswer,
  uploadBatch,
  uploadBatchAnswer,
  uploadBody,
  uploadState,
} from './upload.ts'

/** Of every call that S3 itself answers. */
export const STORE: readonly ErrorCode[] = ['upstream_error', 'upstream_timeout']
const upload = { id: { description: 'The id that POST /v1/uploads answered: a sealed ticket.' } }

export const UPLOAD_CALLS: readonly ApiCall[] = [
  {
    id: 'createUpload',
    method: 'post',
    path: '/v1/uploads',
    summary: 'Opens an upload, or up to 100, and signs their first parts',
    description:
      'The object is named by `key`, or by `prefix` and `filename`. A `put` has one part, a `multipart` upload the first 100; send each part with all of its headers, then complete. Without `size` the last part may be shorter than `partSize`. The header `Idempotency-Key` makes a repeated request the same upload for a day. In a batch each request is judged by itself, with the answer 200; it costs as many units as it has requests.',
    isGuarded: true,
    bodies: { UploadRequest: uploadBody, UploadBatch: uploadBatch },
    answers: {
      200: {
        description: 'Of a batch: one result for each request, in order.',
        schemas: { UploadBatchResults: uploadBatchAnswer },
      },
      201: {
        description: 'The plan, with the first signed parts.',
        schemas: { Upload: uploadAnswer },
        headers: { Location: 'The upload.' },
      },
    },
    codes: [
      'forbidden',
      'conflict',
      'too_large',
      'unsupported_type',
      'unsupported_by_provider',
      'unavailable',
      ...STORE,
    ],
  },
  {
    id: 'completeUploads',
    method: 'post',
    path: '/v1/uploads/complete',
    summary: 'Completes up to 100 uploads',
    description:
      'Each request, the `id` of an upload and what its own call takes, is judged by itself; it costs as many units as it has requests.',
    isGuarded: true,
    bodies: { CompleteBatch: completeBatch },
    answers: {
      200: {
        description: 'One result for each request, in order.',
        schemas: { CompleteBatchResults: completeBatchAnswer },
      },
    },
    codes: [],
  },
  {
    id: 'readUpload',
    method: 'get',
    path: '/v1/uploads/{id}',
    summary: 'The state of an upload, and which parts have arrived',
    isGuarded: true,
    pathParameters: upload,
    answers: { 200: { description: 'The state.', schemas: { UploadState: uploadState } } },
    codes: ['forbidden', 'not_found', 'unsupported_type', 'unsupported_by_provider', ...STORE],
  },
  {
    id: 'signParts',
    method: 'post',
    path: '/v1/uploads/{id}/parts',
    summary: 'Signs up to 100 more parts, or the same again',
    isGuarded: true,
    pathParameters: upload,
    bodies: { PartsRequest: partsBody },
    answers: { 200: { description: 'The signed parts.', schemas: { Parts: partsAnswer } } },
    codes: ['forbidden', 'not_found', 'conflict', 'too_large', 'unsupported_type'],
  },
  {
    id: 'completeUpload',
    method: 'post',
    path: '/v1/uploads/{id}/complete',
    summary: 'Puts the parts together and verifies what S3 holds',
    description:
      'Answers the same again after a lost reply. Where the storage cannot list parts, `parts` names them all with their ETags; elsewhere it may, and must then agree. `checksum` is of the whole object: with it parts are put together, and what is there already is compared; that stays, with 422, if the checksum is another.',
    isGuarded: true,
    pathParameters: upload,
    bodies: { CompleteRequest: completeBody },
    answers: {
      200: { description: 'The verified object.', schemas: { CompletedUpload: completeAnswer } },
    },
    codes: [
      'forbidden',
      'not_found',
      'conflict',
      'too_large',
      'unsupported_type',
      'size_mismatch',
      'checksum_mismatch',
      'unsupported_by_provider',
      ...STORE,
    ],
  },
  {
    id: 'abortUpload',
    method: 'delete',
    path: '/v1/uploads/{id}',
    summary: 'Drops an upload and its parts',
    description: 'Done as well when it is gone; 409 once it is complete.',
    isGuarded: true,
    pathParameters: upload,
    answers: { 204: { description: 'It is gone.' } },
    codes: ['forbidden', 'not_found', 'conflict', 'unsupported_type', ...STORE],
  },
]
