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

/**
 * A route: its handler comes after the door limit and the credential, as `auth` says: `session`, the corridor authenticates;
 * `own`, the route reads its credential itself; `none`, anybody. `action` is what the limits call it, null where it costs
 * nothing.
 */
export type Route = readonly [
  method: Method,
  path: string,
  action: LimitedAction | null,
  auth: 'session' | 'own' | 'none',
  handle: (c: Ctx) => Response | Promise<Response>,
]

/** Every route of the gateway, in one table. GET answers HEAD as well. */
export const ROUTES: readonly Route[] = [
  ['GET', '/healthz', null, 'none', healthz],
  ['GET', '/readyz', null, 'none', readyz],
  ['GET', '/.well-known/jwks.json', null, 'none', jwks],
  ['GET', '/.well-known/openid-configuration', null, 'none', discovery],
  ['GET', '/o/*', 'read', 'session', download],
  ['POST', '/v1/sign', 'sign', 'session', sign],
  ['GET', '/v1/objects', 'list', 'session', listObjects],
  ['DELETE', '/v1/objects/*', 'delete', 'session', deleteObject],
  ['GET', '/v1/session', 'read', 'session', readSession],
  ['POST', '/v1/session', 'read', 'own', beginSession],
  ['DELETE', '/v1/session', null, 'none', endSession],
  ['POST', '/v1/uploads', 'upload', 'session', createUpload],
  ['POST', '/v1/uploads/complete', 'upload', 'session', completeUploads],
  ['GET', '/v1/uploads/:id', 'upload', 'session', readUpload],
  ['DELETE', '/v1/uploads/:id', 'upload', 'session', abortUpload],
  ['POST', '/v1/uploads/:id/parts', 'upload', 'session', signParts],
  ['POST', '/v1/uploads/:id/complete', 'upload', 'session', completeUpload],
  ['POST', '/v1/links', 'link', 'session', createLink],
  ['GET', '/v1/links', 'link', 'session', listLinks],
  ['GET', '/v1/links/:id', 'link', 'session', readLink],
  ['PATCH', '/v1/links/:id', 'link', 'session', changeLink],
  ['DELETE', '/v1/links/:id', 'link', 'session', revokeLink],
  ['GET', '/l/:id', 'open', 'none', openLink],
  ['POST', '/l/:id', 'open', 'none', openLink],
  ['POST', '/l/:id/session', 'open', 'none', beginLinkSession],
  ['POST', '/l/:id/uploads', 'upload', 'none', createLinkUpload],
  ['GET', '/l/:id/uploads/:upload', 'upload', 'none', readLinkUpload],
  ['DELETE', '/l/:id/uploads/:upload', 'upload', 'none', abortLinkUpload],
  ['POST', '/l/:id/uploads/:upload/parts', 'upload', 'none', signLinkParts],
  ['POST', '/l/:id/uploads/:upload/complete', 'upload', 'none', completeLinkUpload],
  ['GET', '/l/:id/*', 'open', 'none', openLink],
  ['POST', '/l/:id/*', 'open', 'none', openLink],
  // Calls of Uppy: each one is, or is part of, an upload.
  ['GET', '/s3/params', 'upload', 'session', companionParams],
  ['POST', '/s3/multipart', 'upload', 'session', companionCreate],
  ['GET', '/s3/multipart/:id', 'upload', 'session', companionList],
  ['DELETE', '/s3/multipart/:id', 'upload', 'session', companionAbort],
  ['GET', '/s3/multipart/:id/batch', 'upload', 'session', companionBatch],
  ['GET', '/s3/multipart/:id/:partNumber', 'upload', 'session', companionPart],
  ['POST', '/s3/multipart/:id/complete', 'upload', 'session', companionComplete],
  ['POST', '/v1/uppy/sign', 'upload', 'session', uppySign],
  ['POST', '/v1/uppy/uploads', 'upload', 'session', uppyCreate],
  ['GET', '/v1/uppy/uploads/:id', 'upload', 'session', uppyList],
  ['POST', '/v1/uppy/uploads/:id', 'upload', 'session', uppyComplete],
  ['DELETE', '/v1/uppy/uploads/:id', 'upload', 'session', uppyAbort],
]

export function createApp(platform: Platform): Hono<AppEnv> {
  const app = new Hono<AppEnv>({ getPath: rawPathOf })
  app.use(enter(platform))
  const allowed = new Map<string, readonly string[]>()
  for (const [method, path, action, auth, handle] of ROUTES) {
    const methods = method === 'GET' ? [method, 'HEAD'] : [method]
    allowed.set(path, [...(allowed.get(path) ?? []), ...methods])
    // One handler for all steps of a route: Hono would look for each of them by itself, at every request.
    app.on(method, path, async (c: Ctx) => {
      c.get('record').route = path
      const refused =
        (action === null ? null : await chargeAddress(c, action)) ??
        (auth === 'session' ? await authenticate(c) : null)
      return refused === null ? handle(c) : refuse(c, refused)
    })
  }
  for (const [path, allow] of allowed)
    app.all(path, (c) => refuse(c, { kind: 'no_method', allow: [...allow, 'OPTIONS'] }))
  app.get('*', asset)
  app.notFound((c) => refuse(c, { kind: 'no_route' }))
  app.onError((error, c) => {
    c.get('record').reason = error.stack ?? error.name
    return refuse(c, { kind: 'bug' })
  })
  return app
}
