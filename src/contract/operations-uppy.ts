// The calls of Uppy with their shapes, as data for the OpenAPI document.
import type { ApiCall } from './api-call.ts'
import type { ErrorCode } from './errors.ts'
import {
  batchAnswer,
  batchQuery,
  keyQuery,
  listAnswer,
  multipartAnswer,
  multipartBody,
  paramsAnswer,
  paramsQuery,
  partAnswer,
  uppyAbortAnswer,
  uppyCompleteAnswer,
  uppyCompleteBody,
  uppyOpenQuery,
  uppySignAnswer,
  uppySignBody,
} from './uppy.ts'

const STORE: readonly ErrorCode[] = ['upstream_error', 'upstream_timeout']
const OPENING: readonly ErrorCode[] = [
  'forbidden',
  'not_found',
  'conflict',
  'too_large',
  'unsupported_type',
  'unsupported_by_provider',
]
const ONGOING: readonly ErrorCode[] = [...OPENING, 'checksum_mismatch', 'size_mismatch']
const upload = { id: { description: 'The id of the upload: a sealed ticket.' } }
const XML = 'application/xml'

const COMPANION: readonly ApiCall[] = [
  {
    id: 'companionParams',
    method: 'get',
    path: '/s3/params',
    summary: 'Uppy, Companion mode: a form for one file',
    description:
      'Below the prefix of UPPY. `metadata[name]` parameters become metadata of the object.',
    isGuarded: true,
    query: paramsQuery,
    answers: { 200: { description: 'A POST policy.', schemas: { UppyParams: paramsAnswer } } },
    codes: OPENING,
  },
  {
    id: 'companionCreate',
    method: 'post',
    path: '/s3/multipart',
    summary: 'Uppy, Companion mode: opens an upload of parts',
    isGuarded: true,
    bodies: { UppyMultipartRequest: multipartBody },
    answers: { 200: { description: 'Opened.', schemas: { UppyMultipart: multipartAnswer } } },
    codes: [...OPENING, ...STORE],
  },
  {
    id: 'companionList',
    method: 'get',
    path: '/s3/multipart/{id}',
    summary: 'Uppy, Companion mode: the parts that have arrived',
    description:
      'Of a completed upload all parts, so that none is sent again; none where the storage cannot list.',
    isGuarded: true,
    pathParameters: upload,
    query: keyQuery,
    answers: { 200: { description: 'The parts.', schemas: { UppyParts: listAnswer } } },
    codes: [...ONGOING, ...STORE],
  },
  {
    id: 'companionBatch',
    method: 'get',
    path: '/s3/multipart/{id}/batch',
    summary: 'Uppy, Companion mode: URLs of up to 100 parts',
    isGuarded: true,
    pathParameters: upload,
    query: batchQuery,
    answers: { 200: { description: 'URLs by part.', schemas: { UppyBatch: batchAnswer } } },
    codes: ONGOING,
  },
  {
    id: 'companionPart',
    method: 'get',
    path: '/s3/multipart/{id}/{partNumber}',
    summary: 'Uppy, Companion mode: the URL of one part',
    isGuarded: true,
    pathParameters: { ...upload, partNumber: { description: '1 to 10000.' } },
    query: keyQuery,
    answers: { 200: { description: 'The URL.', schemas: { UppyPart: partAnswer } } },
    codes: ONGOING,
  },
  {
    id: 'companionComplete',
    method: 'post',
    path: '/s3/multipart/{id}/complete',
    summary: 'Uppy, Companion mode: puts the parts together and verifies them',
    isGuarded: true,
    pathParameters: upload,
    query: keyQuery,
    bodies: { UppyCompleteRequest: uppyCompleteBody },
    answers: { 200: { description: 'Done.', schemas: { UppyCompleted: uppyCompleteAnswer } } },
    codes: [...ONGOING, ...STORE],
  },
  {
    id: 'companionAbort',
    method: 'delete',
    path: '/s3/multipart/{id}',
    summary: 'Uppy, Companion mode: drops an upload and its parts',
    isGuarded: true,
    pathParameters: upload,
    query: keyQuery,
    answers: { 200: { description: 'It is gone.', schemas: { UppyAborted: uppyAbortAnswer } } },
    codes: [...ONGOING, ...STORE],
  },
]

const SIGNED: readonly ApiCall[] = [
  {
    id: 'uppySign',
    method: 'post',
    path: '/v1/uppy/sign',
    summary: 'Uppy, signRequest mode: where one request goes',
    description:
      'Parts and single files go to S3; creating, listing, completing and dropping an upload to /v1/uppy/uploads, with the credential again. `size` is for callers that know it: then lengths are signed.',
    isGuarded: true,
    bodies: { UppySignRequest: uppySignBody },
    answers: { 200: { description: 'The request.', schemas: { UppySigned: uppySignAnswer } } },
    codes: [...ONGOING, ...STORE],
  },
  {
    id: 'uppyCreate',
    method: 'post',
    path: '/v1/uppy/uploads',
    summary: 'Uppy, signRequest mode: S3’s CreateMultipartUpload',
    isGuarded: true,
    query: uppyOpenQuery,
    answers: { 200: { description: 'InitiateMultipartUploadResult.', mediaTypes: [XML] } },
    refusalType: XML,
    codes: [...OPENING, ...STORE],
  },
  {
    id: 'uppyList',
    method: 'get',
    path: '/v1/uppy/uploads/{id}',
    summary: 'Uppy, signRequest mode: S3’s ListParts, all pages',
    isGuarded: true,
    pathParameters: upload,
    answers: { 200: { description: 'ListPartsResult.', mediaTypes: [XML] } },
    refusalType: XML,
    codes: [...ONGOING, ...STORE],
  },
  {
    id: 'uppyComplete',
    method: 'post',
    path: '/v1/uppy/uploads/{id}',
    summary: 'Uppy, signRequest mode: S3’s CompleteMultipartUpload, its XML as body',
    isGuarded: true,
    pathParameters: upload,
    answers: { 200: { description: 'CompleteMultipartUploadResult.', mediaTypes: [XML] } },
    refusalType: XML,
    codes: [...ONGOING, ...STORE],
  },
  {
    id: 'uppyAbort',
    method: 'delete',
    path: '/v1/uppy/uploads/{id}',
    summary: 'Uppy, signRequest mode: S3’s AbortMultipartUpload',
    isGuarded: true,
    pathParameters: upload,
    answers: { 204: { description: 'It is gone.' } },
    refusalType: XML,
    codes: [...ONGOING, ...STORE],
  },
]

export const UPPY_CALLS: readonly ApiCall[] = [...COMPANION, ...SIGNED]
