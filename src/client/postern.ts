// Puts the client together on given ports: uploads, objects, links and the session of one gateway.
import type { LinkAnswer, LinkBody, LinkPatch, LinksAnswer } from '../contract/link.ts'
import type { ObjectsAnswer } from '../contract/objects.ts'
import type { SessionAnswer } from '../contract/session.ts'
import type { SignedRequest } from '../contract/common.ts'
import { createApi, toPath, toQuery } from './api.ts'
import { createEngine } from './engine.ts'
import type { Ports } from './ports.ts'
import type { PendingUpload, PosternOptions, Upload, UploadOptions } from './types.ts'
import { createUploads } from './uploads.ts'

export interface ListOptions {
  readonly bucket: string
  readonly prefix?: string
  readonly cursor?: string
  /** 1 … 1000. */
  readonly limit?: number
}

export interface DownloadOptions {
  readonly bucket: string
  readonly key: string
  /** Seconds. */
  readonly expiresIn?: number
  readonly filename?: string
  readonly disposition?: 'attachment' | 'inline'
  readonly versionId?: string
}

export interface LinksOptions {
  readonly cursor?: string
  readonly limit?: number
  readonly sub?: string
  readonly bucket?: string
  readonly prefix?: string
}

/** A link as it is asked for: what has a default may be left out. */
export type LinkRequest = LinkBody

export interface Postern {
  /** Begins at once; the same file to the same place goes on where it was. */
  upload(file: Blob, options: UploadOptions): Upload
  /** Uploads that earlier pages have begun and not ended. */
  pending(): Promise<PendingUpload[]>
  /** A signed GET: follow its URL, or fetch it. */
  download(options: DownloadOptions): Promise<SignedRequest>
  list(options: ListOptions): Promise<ObjectsAnswer>
  remove(options: { bucket: string; key: string; versionId?: string }): Promise<void>
  readonly links: {
    create(body: LinkRequest): Promise<LinkAnswer>
    list(options?: LinksOptions): Promise<LinksAnswer>
    get(id: string): Promise<LinkAnswer>
    update(id: string, changes: LinkPatch): Promise<LinkAnswer>
    revoke(id: string): Promise<void>
  }
  readonly session: {
    /** Who the caller is, and what he may do. */
    read(): Promise<SessionAnswer>
    /** A bearer token in, a cookie out; for pages of the gateway's origin. */
    begin(token: string): Promise<void>
    end(): Promise<void>
  }
}

export function createPosternOn(ports: Ports, options: PosternOptions): Postern {
  const api = createApi(options, ports)
  const uploads = createUploads(createEngine(ports, api, options.connections ?? 6))
  const link = (id: string): string => `/v1/links/${encodeURIComponent(id)}`
  return {
    ...uploads,
    download: ({ bucket, key, ...query }) =>
      api.call('GET', `/o/${bucket}/${toPath(key)}${toQuery(query)}`),
    list: (query) => api.call('GET', `/v1/objects${toQuery(query)}`),
    remove: ({ bucket, key, ...query }) =>
      api.call('DELETE', `/v1/objects/${bucket}/${toPath(key)}${toQuery(query)}`),
    links: {
      create: (body) => api.call('POST', '/v1/links', { body }),
      list: (query = {}) => api.call('GET', `/v1/links${toQuery(query)}`),
      get: (id) => api.call('GET', link(id)),
      update: (id, body) => api.call('PATCH', link(id), { body }),
      revoke: (id) => api.call('DELETE', link(id)),
    },
    session: {
      read: () => api.call('GET', '/v1/session'),
      begin: (token) =>
        api.call('POST', '/v1/session', { headers: { Authorization: `Bearer ${token}` } }),
      end: () => api.call('DELETE', '/v1/session'),
    },
  }
}
