// A receiver of webhooks on loopback, which fails as it is told: globalSetup of the `worker` project.
import { createServer } from 'node:http'
import type { TestProject } from 'vitest/node'

/** What has arrived, and how: read by GET /control. */
export interface Received {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    receiver: string
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let statuses: number[] = []
  let received: Received[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      const path = request.url ?? ''
      if (path === '/control' && request.method === 'PUT') {
        // Statuses of the next answers; 0 is a connection that breaks.
        statuses = JSON.parse(body) as number[]
        received = []
        response.end()
      } else if (path === '/control') response.end(JSON.stringify(received))
      else {
        received.push({ path, headers: request.headers as Record<string, string>, body })
        const status = statuses.shift() ?? 204
        if (status === 0) request.socket.destroy()
        else response.writeHead(status, { Location: '/elsewhere' }).end('x'.repeat(1000))
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  project.provide('receiver', `http://127.0.0.1:${address.port}`)
  return async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}
