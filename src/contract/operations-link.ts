// The calls of links, as data for the OpenAPI document; the Worker never loads it.
import * as v from 'valibot'
import type { ApiCall } from './api-call.ts'
import { signedRequest } from './common.ts'
import type { ErrorCode } from './errors.ts'
import {
  linkAnswer,
  linkBody,
  linkFiles,
  linkPatch,
  linksAnswer,
  linksQuery,
  uploadRequest,
} from './link.ts'

const link = { id: { description: 'The id of the link: 22 characters.' } }
const opened = {
  id: {
    description:
      'The id of a link, or a link token that a trusted issuer signed (`typ: postern-link+jwt`).',
  },
}
export const OPENING: readonly ErrorCode[] = [
  'forbidden',
  'link_denied',
  'not_found',
  'link_gone',
  'rate_limited',
  'range_not_satisfiable',
  'precondition_failed',
  'unavailable',
  'upstream_error',
  'upstream_timeout',
]
/** What browsers get; and the stored object, of whatever type. */
export const PAGE = 'text/html'
const BYTES = '*/*'
export const ANSWERS = {
  200: {
    description:
      'A page for browsers; the files of a link with several; what a link takes that asks for uploads; with `Accept: application/json` the signed request; or the bytes of a streamed link.',
    schemas: { LinkFiles: linkFiles, LinkUploads: uploadRequest, SignedRequest: signedRequest },
    mediaTypes: [PAGE, BYTES],
  },
  206: { description: 'The range asked of a streamed link.', mediaTypes: [BYTES] },
  302: { description: 'To a URL of at most 60 seconds.', headers: { Location: 'Pre-signed URL.' } },
  304: { description: 'A streamed link: what the client has is still right.' },
}
const openQuery = v.strictObject({
  /** Which file of a link with several. */
  file: v.optional(v.pipe(v.string(), v.regex(/^\d{1,3}$/, 'expected a number'))),
})

const FORM_ANSWERS = {
  ...ANSWERS,
  303: {
    description: 'To the object or back to the link.',
    headers: { Location: 'Where to.' },
  },
}

export const LINK_CALLS: readonly ApiCall[] = [
  {
    id: 'createLink',
    method: 'post',
    path: '/v1/links',
    summary: 'Makes a link to an object, several, or all below a prefix',
    description:
      'Needs the grant `share`, and with `upload` the grant `upload` for all of it. Give one of `key`, `keys`, `prefix`, and one of `expiresIn`, `expiresAt`; the life is bounded by the grant’s max_link_life. `password: true` generates one and tells it once.',
    isGuarded: true,
    bodies: { LinkRequest: linkBody },
    answers: {
      201: {
        description: 'The link.',
        schemas: { Link: linkAnswer },
        headers: { Location: 'Where it is read, changed and revoked.' },
      },
    },
    codes: ['forbidden', 'too_large', 'unsupported_type'],
  },
  {
    id: 'listLinks',
    method: 'get',
    path: '/v1/links',
    summary: 'Lists the caller’s links, newest first',
    description: 'With the grant `admin` also those of `sub`, or below `prefix` of `bucket`.',
    isGuarded: true,
    query: linksQuery,
    answers: { 200: { description: 'One page.', schemas: { LinkList: linksAnswer } } },
    codes: ['forbidden'],
  },
  {
    id: 'readLink',
    method: 'get',
    path: '/v1/links/{id}',
    summary: 'A link, its state and its count',
    isGuarded: true,
    pathParameters: link,
    answers: { 200: { description: 'The link.', schemas: { Link: linkAnswer } } },
    codes: ['not_found'],
  },
  {
    id: 'changeLink',
    method: 'patch',
    path: '/v1/links/{id}',
    summary: 'Changes the conditions of a link, freezes or thaws it',
    description: 'null takes a condition away. What a link opens stays as it is.',
    isGuarded: true,
    pathParameters: link,
    bodies: { LinkPatch: linkPatch },
    answers: { 200: { description: 'The link.', schemas: { Link: linkAnswer } } },
    codes: ['forbidden', 'not_found', 'link_gone', 'too_large', 'unsupported_type'],
  },
  {
    id: 'revokeLink',
    method: 'delete',
    path: '/v1/links/{id}',
    summary: 'Revokes a link for good',
    isGuarded: true,
    pathParameters: link,
    answers: { 204: { description: 'It opens no more.' } },
    codes: ['not_found'],
  },
  {
    id: 'openLink',
    method: 'get',
    path: '/l/{id}',
    summary: 'Opens a link',
    description:
      'A password goes in the header `Postern-Password`, or in the form field `password` of a POST. Browsers get small pages, everything else problems. HEAD spends nothing.',
    isGuarded: false,
    pathParameters: opened,
    query: openQuery,
    answers: ANSWERS,
    refusalType: PAGE,
    codes: OPENING,
  },
  {
    id: 'openLinkByForm',
    method: 'post',
    path: '/l/{id}',
    summary: 'Opens a link by the form of its page',
    description: 'Form field `password`; a one-time link’s button sends nothing.',
    isGuarded: false,
    pathParameters: opened,
    query: openQuery,
    answers: FORM_ANSWERS,
    refusalType: PAGE,
    codes: OPENING,
  },
  {
    id: 'openLinkPath',
    method: 'get',
    path: '/l/{id}/{path}',
    summary: 'Opens an object below the prefix of a link',
    isGuarded: false,
    pathParameters: { ...opened, path: { description: 'The rest of the key, percent-encoded.' } },
    answers: ANSWERS,
    refusalType: PAGE,
    codes: OPENING,
  },
  {
    id: 'openLinkPathByForm',
    method: 'post',
    path: '/l/{id}/{path}',
    summary: 'Opens an object below the prefix of a link by the form of its page',
    isGuarded: false,
    pathParameters: { ...opened, path: { description: 'The rest of the key, percent-encoded.' } },
    answers: FORM_ANSWERS,
    refusalType: PAGE,
    codes: OPENING,
  },
  {
    id: 'beginLinkSession',
    method: 'post',
    path: '/l/{id}/session',
    summary: 'A cookie for everything that a link opens',
    description:
      'For HLS and static sites: spends one download where they are counted, and asks for the password once. The cookie lives a day at most; state and conditions are judged at every request all the same.',
    isGuarded: false,
    pathParameters: opened,
    answers: {
      200: {
        description: 'Browsers: the page that asks for the password, or for the press of a button.',
        mediaTypes: [PAGE],
      },
      204: { description: 'It has begun.', headers: { 'Set-Cookie': 'The sealed cookie.' } },
      303: { description: 'Browsers: back to the link.', headers: { Location: 'The link.' } },
    },
    refusalType: PAGE,
    codes: OPENING,
  },
]
