// The calls of uploads by a link, as operations.ts has all others.
import type { ApiCall } from './api-call.ts'
import type { ErrorCode } from './errors.ts'
import { ANSWERS, OPENING, PAGE } from './operations-link.ts'
import { STORE } from './operations-upload.ts'
import {
  completeAnswer,
  completeBody,
  linkUploadBody,
  partsAnswer,
  partsBody,
  uploadAnswer,
  uploadState,
} from './upload.ts'

const link = {
  id: { description: 'The id of a link with `upload`, or a link token with that claim.' },
}
const upload = {
  ...link,
  upload: { description: 'The id that POST /l/{id}/uploads answered: a sealed ticket.' },
}
/** State and conditions of the link are judged at every call. */
const LINK: readonly ErrorCode[] = [
  'invalid_request',
  'forbidden',
  'link_denied',
  'not_found',
  'link_gone',
  'rate_limited',
  'unavailable',
]
const HANDSHAKE: readonly ErrorCode[] = [...LINK, 'too_large', 'unsupported_type']

export const REQUEST_CALLS: readonly ApiCall[] = [
  {
    id: 'createLinkUpload',
    method: 'post',
    path: '/l/{id}/uploads',
    summary: 'Opens an upload by a link, and signs its first parts',
    description:
      'As POST /v1/uploads, but the gateway names the object and never replaces one. 409 while as many uploads are under way as files are left. A password goes in the header `Postern-Password`, or POST /l/{id}/session turns it into a cookie.',
    isGuarded: false,
    pathParameters: link,
    bodies: { LinkUploadRequest: linkUploadBody },
    answers: {
      201: {
        description: 'The plan, with the first signed parts.',
        schemas: { Upload: uploadAnswer },
        headers: { Location: 'The upload.' },
      },
    },
    codes: [...HANDSHAKE, 'conflict', 'unsupported_by_provider', ...STORE],
  },
  {
    id: 'readLinkUpload',
    method: 'get',
    path: '/l/{id}/uploads/{upload}',
    summary: 'The state of an upload by a link, and which parts have arrived',
    description: 'Of a link without `upload` it opens an object below the prefix.',
    isGuarded: false,
    pathParameters: upload,
    answers: {
      ...ANSWERS,
      200: {
        ...ANSWERS[200],
        description: 'The state; or what opening that object answers.',
        schemas: { UploadState: uploadState, ...ANSWERS[200].schemas },
      },
    },
    refusalType: PAGE,
    codes: [...new Set([...HANDSHAKE, ...OPENING, 'unsupported_by_provider' as const, ...STORE])],
  },
  {
    id: 'signLinkParts',
    method: 'post',
    path: '/l/{id}/uploads/{upload}/parts',
    summary: 'Signs up to 100 more parts, or the same again',
    isGuarded: false,
    pathParameters: upload,
    bodies: { PartsRequest: partsBody },
    answers: { 200: { description: 'The signed parts.', schemas: { Parts: partsAnswer } } },
    codes: [...HANDSHAKE, 'conflict'],
  },
  {
    id: 'completeLinkUpload',
    method: 'post',
    path: '/l/{id}/uploads/{upload}/complete',
    summary: 'Puts the parts together and verifies what S3 holds',
    isGuarded: false,
    pathParameters: upload,
    bodies: { CompleteRequest: completeBody },
    answers: {
      200: { description: 'The verified object.', schemas: { CompletedUpload: completeAnswer } },
    },
    codes: [
      ...HANDSHAKE,
      'conflict',
      'size_mismatch',
      'checksum_mismatch',
      'unsupported_by_provider',
      ...STORE,
    ],
  },
  {
    id: 'abortLinkUpload',
    method: 'delete',
    path: '/l/{id}/uploads/{upload}',
    summary: 'Drops an upload and its parts, and frees its place',
    isGuarded: false,
    pathParameters: upload,
    answers: { 204: { description: 'It is gone.' } },
    codes: [...HANDSHAKE, 'conflict', ...STORE],
  },
]
