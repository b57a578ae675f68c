// A proxy between gateway and S3 that forwards every call, and loses the answer of the one that it is told to.
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

export async function startLossyProxy() {
  let target = new URL('http://127.0.0.1:1')
  let lost: number | null = null
  let calls: string[] = []
  const server = createServer((incoming, outgoing) => {
    const at = calls.push(`${incoming.method} ${incoming.url?.split('?', 1)[0]}`) - 1
    const { method, url: path, headers } = incoming
    // The Host header stays: it is signed.
    const forwarded = request(
      { host: target.hostname, port: target.port, method, path, headers },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () => {
          // S3 has done it; nobody hears of it.
          if (at === lost) return void outgoing.socket?.destroy()
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
          return void outgoing.end(Buffer.concat(chunks))
        })
      },
    )
    forwarded.on('error', () => outgoing.socket?.destroy())
    incoming.pipe(forwarded)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    /** Where calls go; the embedded S3 has its port only when its gateway runs. */
    aim: (endpoint: string): void => void (target = new URL(endpoint)),
    /** Loses the answer of the call with this number, counted from now; null loses none. */
    lose(at: number | null): void {
      lost = at
      calls = []
    },
    calls: (): readonly string[] => calls,
    stop(): void {
      server.closeAllConnections()
      server.close()
    },
  }
}
