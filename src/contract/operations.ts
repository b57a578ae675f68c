// Every call of the gateway with its shapes, as data: the OpenAPI document is made of it, the Worker never loads it.
import type { ApiCall } from './api-call.ts'
import { bucketAlias, keyText, signedRequest } from './common.ts'
import { LINK_CALLS } from './operations-link.ts'
import { REQUEST_CALLS } from './operations-request.ts'
import { OPEN_CALLS } from './operations-open.ts'
import { deleteQuery, objectsAnswer, objectsQuery } from './objects.ts'
import { UPPY_CALLS } from './operations-uppy.ts'
import { sessionAnswer } from './session.ts'
import { downloadQuery, signBatch, signBatchAnswer, signBody, signedPost } from './sign.ts'
import { STORE, UPLOAD_CALLS } from './operations-upload.ts'

const object = {
  bucket: { schema: bucketAlias, description: 'Alias of the bucket.' },
  key: {
    schema: keyText,
    description:
      'Object key, percent-encoded; its "/" stand as they are. Decoded once: no dot segments, empty segments, control characters or backslashes.',
  },
}

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
  ...UPLOAD_CALLS,
  ...LINK_CALLS,
  ...REQUEST_CALLS,
  ...OPEN_CALLS,
  ...UPPY_CALLS,
]
