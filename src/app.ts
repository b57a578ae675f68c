// The corridor: request → enter → limit by address → authenticate → authorise, limit, sign or act → respond.
import { Hono, type Handler } from 'hono'
import type { LimitedAction } from './core/limit/policy.ts'
import type { AppEnv, Ctx, Platform } from './http/env.ts'
import { authenticate } from './http/middleware/authenticate.ts'
import { enter } from './http/middleware/enter.ts'
import { limitByAddress } from './http/middleware/limit.ts'
import { refuse } from './http/problem.ts'
import { download } from './http/routes/download.ts'
import { healthz, readyz } from './http/routes/health.ts'
import { deleteObject, listObjects } from './http/routes/objects.ts'
import { readSession } from './http/routes/session.ts'
import { sign } from './http/routes/sign.ts'
import { abortUpload } from './http/routes/uploads/abort.ts'
import { completeUpload } from './http/routes/uploads/complete.ts'
import { createUpload } from './http/routes/uploads/create.ts'
import { signParts } from './http/routes/uploads/parts.ts'
import { readUpload } from './http/routes/uploads/read.ts'
import { asset } from './http/routes/asset.ts'
import { rawPathOf } from './http/path.ts'

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** A route: open ones come as they are, guarded ones after the door limit and the credential. */
export interface Route {
  readonly method: Method
  readonly path: string
  /** What the limits call it; null for open routes. */
  readonly action: LimitedAction | null
  readonly handle: (c: Ctx) => Response | Promise<Response>
}

/** Every route of the gateway, in one table. GET answers HEAD as well. */
export const ROUTES: readonly Route[] = [
  { method: 'GET', path: '/healthz', action: null, handle: healthz },
  { method: 'GET', path: '/readyz', action: null, handle: readyz },
  { method: 'GET', path: '/o/*', action: 'read', handle: download },
  { method: 'POST', path: '/v1/sign', action: 'sign', handle: sign },
  { method: 'GET', path: '/v1/objects', action: 'list', handle: listObjects },
  { method: 'DELETE', path: '/v1/objects/*', action: 'delete', handle: deleteObject },
  { method: 'GET', path: '/v1/session', action: 'read', handle: readSession },
  { method: 'POST', path: '/v1/uploads', action: 'upload', handle: createUpload },
  { method: 'GET', path: '/v1/uploads/:id', action: 'upload', handle: readUpload },
  { method: 'DELETE', path: '/v1/uploads/:id', action: 'upload', handle: abortUpload },
  { method: 'POST', path: '/v1/uploads/:id/parts', action: 'upload', handle: signParts },
  { method: 'POST', path: '/v1/uploads/:id/complete', action: 'upload', handle: completeUpload },
]

export function createApp(platform: Platform): Hono<AppEnv> {
  const app = new Hono<AppEnv>({ getPath: rawPathOf })
  app.use(enter(platform))
  for (const { method, path, action, handle } of ROUTES) {
    const name: Handler<AppEnv> = async (c, next) => {
      c.var.record.route = path
      await next()
    }
    if (action === null) app.on(method, path, name, handle)
    else app.on(method, path, name, limitByAddress(action), authenticate, handle)
  }
  for (const path of new Set(ROUTES.map((route) => route.path))) {
    const methods = ROUTES.filter((route) => route.path === path).map((route) => route.method)
    const allow = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    app.all(path, (c) => refuse(c, { kind: 'no_method', allow: [...allow, 'OPTIONS'] }))
  }
  app.get('*', asset)
  app.notFound((c) => refuse(c, { kind: 'no_route' }))
  app.onError((error, c) => {
    c.var.record.reason = error.stack ?? error.name
    return refuse(c, { kind: 'bug' })
  })
  return app
}
