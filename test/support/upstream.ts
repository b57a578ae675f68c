// A storage on loopback that behaves as the key of an object says, for failures that no real one has on demand:
// globalSetup of the `worker` project.
import { createServer } from 'node:http'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  export interface ProvidedContext {
    upstream: string
  }
}

/** The last segment of a key: `503`, `503-once`, `broken`, `broken-once`, `hangs-once`, `page-once`, or a size in bytes such as `5-bytes`. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const seen = new Map<string, number>()
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? ''
    if (path.startsWith('/count/'))
      return void response.end(String(seen.get(path.slice('/count'.length)) ?? 0))
    const times = (seen.get(path) ?? 0) + 1
    seen.set(path, times)
    const name = path.slice(path.lastIndexOf('/') + 1)
    const [what = '', how] = name.split('-')
    const isFailing = how === undefined || (how === 'once' && times === 1)
    if (isFailing && what === 'hangs') return undefined
    if (isFailing && what === 'broken') return void request.socket.destroy()
    if (isFailing && what === 'page')
      return void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>Back soon.')
    if (isFailing) return void response.writeHead(Number(what)).end()
    const size = how === 'bytes' ? Number(what) : 5
    const headers = { 'Content-Length': size, ETag: '"etag"', 'Content-Type': 'text/plain' }
    response.writeHead(200, headers)
    return void response.end(request.method === 'HEAD' ? undefined : Buffer.alloc(size, 'x'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  project.provide('upstream', `http://127.0.0.1:${address.port}`)
  return async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}
