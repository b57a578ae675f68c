// Every call of the gateway with its shapes, as data: the OpenAPI document is made of it, the Worker never loads it.
import type { ApiCall } from './api-call.ts'
import { bucketAlias, keyText, signedRequest } from './common.ts'
import type { ErrorCode } from './errors.ts'
import { OPEN_CALLS } from './operations-open.ts'
import { deleteQuery, objectsAnswer, objectsQuery } from './objects.ts'
import { sessionAnswer } from './session.ts'
import { downloadQuery, signBatch, signBatchAnswer, signBody, signedPost } from './sign.ts'
import {
  completeAnswer,
  completeBody,
  partsAnswer,
  partsBody,
  uploadAnswer,
  uploadBody,
  uploadState,
} from './upload.ts'

const object = {
  bucket: { schema: bucketAlias, description: 'Alias of the bucket.' },
  key: {
    schema: keyText,
    description:
      'Object key, percent-encoded; its "/" stand as they are. Decoded once: no dot segments, empty segments, control characters or backslashes.',
  },
}
const upload = { id: { description: 'The id that POST /v1/uploads answered: a sealed ticket.' } }
const STORE: readonly ErrorCode[] = ['upstream_error', 'upstream_timeout']

const DOWNLOAD_ANSWERS = {
  200: {
    description: 'With `Accept: application/json`: the signed request, for `fetch`.',
    schemas: { SignedRequest: signedRequest },
  },
  302: {
    description: 'To the pre-signed URL.',
    headers: { Location: 'Pre-signed URL of the object.' },
  },
}

export const API_CALLS: readonly ApiCall[] = [
  {
    id: 'download',
    method: 'get',
    path: '/o/{bucket}/{key}',
    summary: 'Redirects to a pre-signed GET of an object',
    description:
      'For links, `curl -L` and navigation. Scripts ask for JSON: a redirected cross-origin fetch sends `Origin: null`, and some clients carry their Authorization header along.',
    isGuarded: true,
    pathParameters: object,
    query: downloadQuery,
    answers: DOWNLOAD_ANSWERS,
    codes: ['forbidden', 'unsupported_by_provider'],
  },
  {
    id: 'downloadHead',
    method: 'head',
    path: '/o/{bucket}/{key}',
    summary: 'Redirects to a pre-signed HEAD of an object',
    isGuarded: true,
    pathParameters: object,
    query: downloadQuery,
    answers: DOWNLOAD_ANSWERS,
    codes: ['forbidden', 'unsupported_by_provider'],
  },
  {
    id: 'sign',
    method: 'post',
    path: '/v1/sign',
    summary: 'Signs one S3 request, or a batch of up to 1000',
    description:
      'A PUT needs the grant `write` and binds length, type and, unless `overwrite`, that no object is replaced. A POST is a policy for HTML forms, which cannot refuse to replace: the gateway makes the key below `prefix`, or the caller may overwrite `key`. In a batch each request is judged by itself; it costs as many units as it has requests.',
    isGuarded: true,
    bodies: { SignRequest: signBody, SignBatch: signBatch },
    answers: {
      200: {
        description: 'The signed request; of a batch one result for each request, in order.',
        schemas: {
          SignedRequest: signedRequest,
          SignedPost: signedPost,
          SignBatchResults: signBatchAnswer,
        },
      },
    },
    codes: ['forbidden', 'too_large', 'unsupported_type', 'unsupported_by_provider'],
  },
  {
    id: 'listObjects',
    method: 'get',
    path: '/v1/objects',
    summary: 'Lists objects and the next levels below a granted prefix',
    isGuarded: true,
    query: objectsQuery,
    answers: { 200: { description: 'One page.', schemas: { ObjectList: objectsAnswer } } },
    codes: ['forbidden', ...STORE],
  },
  {
    id: 'deleteObject',
    method: 'delete',
    path: '/v1/objects/{bucket}/{key}',
    summary: 'Deletes an object through the gateway',
    description: 'Done as well when there is none. A version needs the option `versionId-delete`.',
    isGuarded: true,
    pathParameters: object,
    query: deleteQuery,
    answers: { 204: { description: 'It is not there any more.' } },
    codes: ['forbidden', 'unsupported_by_provider', ...STORE],
  },
  {
    id: 'readSession',
    method: 'get',
    path: '/v1/session',
    summary: 'Who the caller is, his grants with their prefixes resolved, his limits',
    isGuarded: true,
    answers: { 200: { description: 'The session.', schemas: { Session: sessionAnswer } } },
    codes: [],
  },
  {
    id: 'beginSession',
    method: 'post',
    path: '/v1/session',
    summary: 'Begins a cookie session with a session token',
    description:
      'Where SESSION is configured. Only the bearer token is read; the cookie lives as long as the token and is checked like it. Unsafe requests by cookie need `Sec-Fetch-Site: same-origin` or an `Origin` of ORIGINS.',
    isGuarded: true,
    answers: {
      204: { description: 'Signed in.', headers: { 'Set-Cookie': 'The sealed session cookie.' } },
    },
    codes: ['not_found'],
  },
  {
    id: 'endSession',
    method: 'delete',
    path: '/v1/session',
    summary: 'Ends the cookie session',
    isGuarded: false,
    answers: {
      204: { description: 'Signed out.', headers: { 'Set-Cookie': 'The cookie, emptied.' } },
    },
    codes: ['forbidden', 'not_found'],
  },
  {
    id: 'createUpload',
    method: 'post',
    path: '/v1/uploads',
    summary: 'Opens an upload and signs its first parts',
    description:
      'The object is named by `key`, or by `prefix` and `filename`. A `put` has one part, a `multipart` upload the first 100; send each part with all of its headers, then complete.',
    isGuarded: true,
    bodies: { UploadRequest: uploadBody },
    answers: {
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
      ...STORE,
    ],
  },
  {
    id: 'readUpload',
    method: 'get',
    path: '/v1/uploads/{id}',
    summary: 'The state of an upload, and which parts have arrived',
    isGuarded: true,
    pathParameters: upload,
    answers: { 200: { description: 'The state.', schemas: { UploadState: uploadState } } },
    codes: [
      'forbidden',
      'not_found',
      'too_large',
      'unsupported_type',
      'unsupported_by_provider',
      ...STORE,
    ],
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
      'Answers the same again after a lost reply. Where the storage cannot list parts, `parts` names them all with their ETags; elsewhere it may, and must then agree.',
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
    codes: ['forbidden', 'not_found', 'conflict', 'too_large', 'unsupported_type', ...STORE],
  },
  ...OPEN_CALLS,
]
