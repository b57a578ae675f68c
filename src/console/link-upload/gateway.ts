// The gateway as the client's engine knows it, where a link is the credential: its handshake lies below the link, and it names the objects.
import { type Api, type CallOptions, createApi } from '../../client/api.ts'
import type { Ports } from '../../client/ports.ts'
import type { SessionAnswer } from '../../contract/session.ts'

/** The engine's place for what the link takes: where that lies is not told. */
export const BUCKET = 'link'

/** A name as a key without a path: what keys refuse is escaped, and what that would hide. */
export const toKey = (name: string): string =>
  name.toWellFormed().replaceAll(/[\p{Cc}\\/%]/gu, encodeURIComponent)
const toName = (key: string): string => decodeURIComponent(key)

interface Opening {
  readonly key: string
  readonly size: number
  readonly type: string
  readonly lastModified?: string
}

/** `link` is the path of the page, without a query. */
export function createLinkApi(link: string, ports: Ports): Api {
  const api = createApi({ baseUrl: location.origin }, ports)
  // What the link takes is judged by the gateway, which says it in words.
  const session: SessionAnswer = {
    sub: link,
    expiresAt: '',
    grants: [{ bucket: BUCKET, prefix: '', allow: ['upload'] }],
    limits: [],
  }
  function call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
    // The types of answers are the caller's, here as of the gateway itself.
    if (path === '/v1/session') return Promise.resolve(session as T)
    const below = path.replace('/v1', link)
    if (path !== '/v1/uploads') return api.call(method, below, options)
    // One at a time: the page sends the next file when this one has ended.
    const { key, size, type, lastModified } = options.body as Opening
    const body = { filename: toName(key), size, type, lastModified }
    return api.call(method, below, { ...options, body })
  }
  return { ...api, call }
}
