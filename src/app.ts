// The corridor: request → enter → limit by address → authenticate → authorise, limit, sign or act → respond.
// Routes are few: patterns in turn find them as fast as the larger routers, in 2 KiB less.
import { Hono } from 'hono/tiny'
import type { LimitedAction } from './core/limit/policy.ts'
import type { AppEnv, Ctx, Platform } from './http/env.ts'
import { authenticate } from './http/middleware/authenticate.ts'
import { enter } from './http/middleware/enter.ts'
import { chargeAddress } from './http/middleware/limit.ts'
import { refuse } from './http/problem.ts'
import { download } from './http/routes/download.ts'
import { healthz, readyz } from './http/routes/health.ts'
import { deleteObject, listObjects } from './http/routes/objects.ts'
import { beginSession, endSession, readSession } from './http/routes/session.ts'
import { sign } from './http/routes/sign.ts'
import { abortUpload } from './http/routes/uploads/abort.ts'
import { completeUpload, completeUploads } from './http/routes/uploads/complete.ts'
import { createUpload } from './http/routes/uploads/create.ts'
import { signParts } from './http/routes/uploads/parts.ts'
import { readUpload } from './http/routes/uploads/read.ts'
import { discovery, jwks } from './http/routes/well-known.ts'
import { createLink } from './http/routes/links/create.ts'
import { changeLink, listLinks, readLink, revokeLink } from './http/routes/links/manage.ts'
import { beginLinkSession, openLink } from './http/routes/links/open.ts'
import {
  abortLinkUpload,
  completeLinkUpload,
  createLinkUpload,
  readLinkUpload,
  signLinkParts,
} from './http/routes/links/uploads.ts'
import {
  companionAbort,
  companionBatch,
  companionComplete,
  companionCreate,
  companionList,
  companionParams,
  companionPart,
} from './http/routes/uppy/companion.ts'
import { uppyAbort, uppyComplete, uppyCreate, uppyList } from './http/routes/uppy/control.ts'
import { uppySign } from './http/routes/uppy/sign.ts'
import { asset } from './http/routes/asset.ts'
import { rawPathOf } from './http/path.ts'

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** A route: guarded ones come after the door limit and the credential, others as `auth` says. */
export interface Route {
  readonly method: Method
  readonly path: string
  /** What the limits call it; null for routes that cost nothing. */
  readonly action: LimitedAction | null
  /** `session`: the corridor authenticates; `own`: the route reads its credential itself; `none`: anybody. */
  readonly auth: 'session' | 'own' | 'none'
  readonly handle: (c: Ctx) => Response | Promise<Response>
}

/** Calls of Uppy: each one is, or is part of, an upload. */
const UPPY_ROUTES = (
  [
    ['GET', '/s3/params', companionParams],
    ['POST', '/s3/multipart', companionCreate],
    ['GET', '/s3/multipart/:id', companionList],
    ['DELETE', '/s3/multipart/:id', companionAbort],
    ['GET', '/s3/multipart/:id/batch', companionBatch],
    ['GET', '/s3/multipart/:id/:partNumber', companionPart],
    ['POST', '/s3/multipart/:id/complete', companionComplete],
    ['POST', '/v1/uppy/sign', uppySign],
    ['POST', '/v1/uppy/uploads', uppyCreate],
    ['GET', '/v1/uppy/uploads/:id', uppyList],
    ['POST', '/v1/uppy/uploads/:id', uppyComplete],
    ['DELETE', '/v1/uppy/uploads/:id', uppyAbort],
  ] as const
).map(([method, path, handle]): Route => ({
  method,
  path,
  action: 'upload',
  auth: 'session',
  handle,
}))

/** Every route of the gateway, in one table. GET answers HEAD as well. */
export const ROUTES: readonly Route[] = [
  { method: 'GET', path: '/healthz', action: null, auth: 'none', handle: healthz },
  { method: 'GET', path: '/readyz', action: null, auth: 'none', handle: readyz },
  { method: 'GET', path: '/.well-known/jwks.json', action: null, auth: 'none', handle: jwks },
  {
    method: 'GET',
    path: '/.well-known/openid-configuration',
    action: null,
    auth: 'none',
    handle: discovery,
  },
  { method: 'GET', path: '/o/*', action: 'read', auth: 'session', handle: download },
  { method: 'POST', path: '/v1/sign', action: 'sign', auth: 'session', handle: sign },
  { method: 'GET', path: '/v1/objects', action: 'list', auth: 'session', handle: listObjects },
  {
    method: 'DELETE',
    path: '/v1/objects/*',
    action: 'delete',
    auth: 'session',
    handle: deleteObject,
  },
  { method: 'GET', path: '/v1/session', action: 'read', auth: 'session', handle: readSession },
  { method: 'POST', path: '/v1/session', action: 'read', auth: 'own', handle: beginSession },
  { method: 'DELETE', path: '/v1/session', action: null, auth: 'none', handle: endSession },
  { method: 'POST', path: '/v1/uploads', action: 'upload', auth: 'session', handle: createUpload },
  {
    method: 'POST',
    path: '/v1/uploads/complete',
    action: 'upload',
    auth: 'session',
    handle: completeUploads,
  },
  { method: 'GET', path: '/v1/uploads/:id', action: 'upload', auth: 'session', handle: readUpload },
  {
    method: 'DELETE',
    path: '/v1/uploads/:id',
    action: 'upload',
    auth: 'session',
    handle: abortUpload,
  },
  {
    method: 'POST',
    path: '/v1/uploads/:id/parts',
    action: 'upload',
    auth: 'session',
    handle: signParts,
  },
  {
    method: 'POST',
    path: '/v1/uploads/:id/complete',
    action: 'upload',
    auth: 'session',
    handle: completeUpload,
  },
  { method: 'POST', path: '/v1/links', action: 'link', auth: 'session', handle: createLink },
  { method: 'GET', path: '/v1/links', action: 'link', auth: 'session', handle: listLinks },
  { method: 'GET', path: '/v1/links/:id', action: 'link', auth: 'session', handle: readLink },
  { method: 'PATCH', path: '/v1/links/:id', action: 'link', auth: 'session', handle: changeLink },
  { method: 'DELETE', path: '/v1/links/:id', action: 'link', auth: 'session', handle: revokeLink },
  { method: 'GET', path: '/l/:id', action: 'open', auth: 'none', handle: openLink },
  { method: 'POST', path: '/l/:id', action: 'open', auth: 'none', handle: openLink },
  {
    method: 'POST',
    path: '/l/:id/session',
    action: 'open',
    auth: 'none',
    handle: beginLinkSession,
  },
  {
    method: 'POST',
    path: '/l/:id/uploads',
    action: 'upload',
    auth: 'none',
    handle: createLinkUpload,
  },
  {
    method: 'GET',
    path: '/l/:id/uploads/:upload',
    action: 'upload',
    auth: 'none',
    handle: readLinkUpload,
  },
  {
    method: 'DELETE',
    path: '/l/:id/uploads/:upload',
    action: 'upload',
    auth: 'none',
    handle: abortLinkUpload,
  },
  {
    method: 'POST',
    path: '/l/:id/uploads/:upload/parts',
    action: 'upload',
    auth: 'none',
    handle: signLinkParts,
  },
  {
    method: 'POST',
    path: '/l/:id/uploads/:upload/complete',
    action: 'upload',
    auth: 'none',
    handle: completeLinkUpload,
  },
  { method: 'GET', path: '/l/:id/*', action: 'open', auth: 'none', handle: openLink },
  { method: 'POST', path: '/l/:id/*', action: 'open', auth: 'none', handle: openLink },
  ...UPPY_ROUTES,
]

export function createApp(platform: Platform): Hono<AppEnv> {
  const app = new Hono<AppEnv>({ getPath: rawPathOf })
  app.use(enter(platform))
  for (const { method, path, action, auth, handle } of ROUTES) {
    // One handler for all steps of a route: Hono would look for each of them by itself, at every request.
    app.on(method, path, async (c: Ctx) => {
      c.get('record').route = path
      const refused =
        (action === null ? null : await chargeAddress(c, action)) ??
        (auth === 'session' ? await authenticate(c) : null)
      return refused === null ? handle(c) : refuse(c, refused)
    })
  }
  for (const path of new Set(ROUTES.map((route) => route.path))) {
    const methods = ROUTES.filter((route) => route.path === path).map((route) => route.method)
    const allow = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    app.all(path, (c) => refuse(c, { kind: 'no_method', allow: [...allow, 'OPTIONS'] }))
  }
  app.get('*', asset)
  app.notFound((c) => refuse(c, { kind: 'no_route' }))
  app.onError((error, c) => {
    c.get('record').reason = error.stack ?? error.name
    return refuse(c, { kind: 'bug' })
  })
  return app
}
