// The application whose pages hold the client: a server of its own, so that the browser asks S3 and gateway for CORS as it would.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Served {
  readonly type: string
  readonly body: string
}

export async function startApplication() {
  const files = new Map<string, Served>()
  const server = createServer(({ url = '/' }, answer) => {
    const found = files.get(url)
    answer.writeHead(found ? 200 : 404, { 'Content-Type': found?.type ?? 'text/plain' })
    answer.end(found?.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://localhost:${port}`,
    /** A page with an input for files, `/NAME`, and its script, `/NAME.js`. */
    addPage(name: string, script: string): void {
      const body = `<input type=file><script type=module src=${name}.js></script>`
      files.set(`/${name}`, { type: 'text/html', body })
      files.set(`/${name}.js`, { type: 'text/javascript', body: script })
    },
    addScript: (name: string, script: string): void =>
      void files.set(`/${name}.js`, { type: 'text/javascript', body: script }),
    stop(): void {
      server.closeAllConnections()
      server.close()
    },
  }
}
