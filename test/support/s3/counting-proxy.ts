// A proxy before S3 that streams every call through, counts the bytes of parts, and notes which parts were stored.
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface PartCall {
  readonly partNumber: number
  readonly path: string
  /** S3 has said so. */
  isStored: boolean
}

export interface ReadCall {
  readonly path: string
  /** The header, or "". */
  readonly range: string
  status: number
  /** Of its body, as they passed. */
  bytes: number
}

export async function startCountingProxy() {
  let target = new URL('http://127.0.0.1:1')
  let bytes = 0
  let watcher: { readonly at: number; readonly call: () => void } | null = null
  const parts: PartCall[] = []
  const reads: ReadCall[] = []
  const methods: string[] = []
  function count(more: number): void {
    bytes += more
    if (watcher === null || bytes < watcher.at) return
    const { call } = watcher
    watcher = null
    call()
  }
  const server = createServer((incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming
    methods.push(method)
    const { searchParams, pathname } = new URL(url, target)
    const number = searchParams.get('partNumber')
    const part =
      method === 'PUT' && number !== null
        ? { partNumber: Number(number), path: pathname, isStored: false }
        : null
    if (part !== null) parts.push(part)
    const read = { path: pathname, range: headers.range ?? '', status: 0, bytes: 0 }
    if (method === 'GET') reads.push(read)
    // The Host header stays: it is signed.
    const forwarded = request(
      { host: target.hostname, port: target.port, method, path: url, headers },
      (answer) => {
        const status = answer.statusCode ?? 502
        if (part !== null) part.isStored = status === 200
        read.status = status
        outgoing.writeHead(status, answer.headers)
        answer.on('data', (chunk: Buffer) => {
          read.bytes += chunk.length
          if (method === 'GET') count(chunk.length)
        })
        answer.pipe(outgoing)
      },
    )
    forwarded.on('error', () => outgoing.socket?.destroy())
    // A client that was killed has no use for the rest.
    outgoing.on('close', () => {
      if (!outgoing.writableFinished) forwarded.destroy()
    })
    incoming.on('data', (chunk: Buffer) => count(chunk.length))
    incoming.pipe(forwarded)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    aim: (endpoint: string): void => void (target = new URL(endpoint)),
    /** Calls once so many more bytes of objects have passed, up or down. */
    after(more: number, call: () => void): void {
      watcher = { at: bytes + more, call }
    },
    forget: (): void => void (watcher = null),
    bytes: (): number => bytes,
    parts: (): readonly PartCall[] => parts,
    reads: (): readonly ReadCall[] => reads,
    methods: (): readonly string[] => methods,
    stop(): void {
      server.closeAllConnections()
      server.close()
    },
  }
}

export type CountingProxy = Awaited<ReturnType<typeof startCountingProxy>>
