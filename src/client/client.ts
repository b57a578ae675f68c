// `postern/client`: uploads that survive anything, and all other calls of a Postern gateway, for browsers.
import { createBrowserPorts } from './browser.ts'
import { createPosternOn, type Postern } from './postern.ts'
import type { PosternOptions } from './types.ts'

export { PosternError, type PosternErrorCode } from './error.ts'
export type { DownloadOptions, LinkRequest, LinksOptions, ListOptions, Postern } from './postern.ts'
export type {
  CompletedUpload,
  FileHandle,
  PendingUpload,
  PosternOptions,
  Progress,
  ResumeOptions,
  Upload,
  UploadOptions,
  UploadState,
} from './types.ts'
export { filesOf, type FoundFile } from './files.ts'

/** A client of one gateway. */
export function createPostern(options: PosternOptions): Postern {
  const { fetch, workerUrl } = options
  return createPosternOn({ ...createBrowserPorts(workerUrl), ...(fetch && { fetch }) }, options)
}
