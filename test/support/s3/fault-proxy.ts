// A proxy between gateway and S3 that forwards every call, and does to the one that it is told to what storages do when they fail.
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What becomes of a call. */
export const S3_FAULTS = [
  /** S3 failed, and did nothing. */
  '500',
  /** S3 has done it, and says that it failed. */
  '500 afterwards',
  /** S3 asks for fewer requests. */
  '503 SlowDown',
  /** The connection ends before S3 sees anything. */
  'reset before',
  /** S3 has done it; the connection ends in the middle of its answer. */
  'reset in the answer',
  /** Something before S3 answers with a page of its own, as if all were well. */
  'a page',
  /** S3 has done it, and its answer ends too early, in good form. */
  'half an answer',
  /** A 200 whose body says that it failed; nothing was done. */
  'an error in a 200',
] as const
/** `silence`: S3 has done it, and nobody hears of it for as long as somebody waits. */
export type S3Fault = (typeof S3_FAULTS)[number] | 'silence'

interface Reply {
  readonly status: number
  readonly type: string
  readonly text: string
}

const toError = (code: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>Try again.</Message><RequestId>1</RequestId></Error>`
const XML = 'application/xml'
const PAGE = '<!DOCTYPE html><html><body><p>We will be back soon.<br></body></html>'

/** What stands in place of S3's answer; null where the connection ends instead. */
function toReply(fault: S3Fault): Reply | null {
  switch (fault) {
    case '500':
    case '500 afterwards':
      return { status: 500, type: XML, text: toError('InternalError') }
    case '503 SlowDown':
      return { status: 503, type: XML, text: toError('SlowDown') }
    case 'a page':
      return { status: 200, type: 'text/html', text: PAGE }
    case 'an error in a 200':
      return { status: 200, type: XML, text: toError('InternalError') }
    case 'reset before':
    case 'reset in the answer':
    case 'half an answer':
    case 'silence':
      return null
  }
}

const AFTERWARDS: ReadonlySet<S3Fault> = new Set([
  '500 afterwards',
  'reset in the answer',
  'half an answer',
  'silence',
])

function send(outgoing: ServerResponse, { status, type, text }: Reply): void {
  outgoing.writeHead(status, { 'Content-Type': type, 'Content-Length': text.length }).end(text)
}

/** Answers as the fault has it, once S3 has done what it was asked. */
function spoil(fault: S3Fault, answer: IncomingMessage, body: Buffer, outgoing: ServerResponse) {
  const reply = toReply(fault)
  if (reply !== null) return send(outgoing, reply)
  const half = body.subarray(0, body.length / 2)
  const headers = { ...answer.headers }
  if (fault === 'half an answer') {
    delete headers['transfer-encoding']
    // Of HEAD there is no body to be cut: its headers are what is left out.
    if (body.length === 0) delete headers['content-length']
    else headers['content-length'] = String(half.length)
    outgoing.writeHead(answer.statusCode ?? 502, headers)
    return void outgoing.end(half)
  }
  if (body.length === 0) return void outgoing.socket?.destroy()
  outgoing.writeHead(answer.statusCode ?? 502, headers)
  return void outgoing.write(half, () => outgoing.socket?.destroy())
}

/** A storage that takes longer by itself is told: a gateway that waits ten seconds is about to give up. */
const SLOW_MS = 8000

/** Which fault each call of the gateway meets, if any. */
export type Deal = (call: { readonly method: string; readonly target: string }) => S3Fault | null

interface Plan {
  /** The number of the one that fails, or a method of which each fails. */
  readonly at: number | 'HEAD' | 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly fault: S3Fault
}

export async function startFaultProxy() {
  let target = new URL('http://127.0.0.1:1')
  let planned: Plan | null = null
  let deal: Deal | null = null
  let onSlow: (target: string) => void = () => undefined
  let calls: string[] = []
  let onSilence = (): void => undefined
  // No line is kept that could end when it is used again: that would be a fault which nobody has planned.
  const agent = new Agent({ keepAlive: false })
  const server = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming
    // A deal lasts too long for every call to be remembered.
    const at = deal === null ? calls.push(`${method} ${path?.split('?', 1)[0]}`) - 1 : -1
    const isPlanned = typeof planned?.at === 'number' ? planned.at === at : planned?.at === method
    const slow = setTimeout(() => onSlow(path ?? ''), SLOW_MS)
    outgoing.on('close', () => clearTimeout(slow))
    // Only a page names its origin: what a client itself sends to S3 goes through.
    const isDealt = deal !== null && headers.origin === undefined
    const dealt = isDealt ? deal?.({ method: method ?? '', target: path ?? '' }) : null
    const fault = planned !== null && isPlanned ? planned.fault : (dealt ?? null)
    if (fault === 'reset before') return void incoming.socket.destroy()
    const reply = fault === null || AFTERWARDS.has(fault) ? null : toReply(fault)
    if (reply !== null) return void incoming.resume().on('end', () => send(outgoing, reply))
    // The Host header stays: it is signed.
    const { hostname: host, port } = target
    const options = { agent, host, port, method, path, headers }
    const forwarded = request(options, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        const body = Buffer.concat(chunks)
        if (fault === 'silence') return onSilence()
        if (fault !== null) return spoil(fault, answer, body, outgoing)
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        return void outgoing.end(body)
      })
    })
    forwarded.on('error', () => outgoing.socket?.destroy())
    return void incoming.pipe(forwarded)
  })
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    /** Where calls go; the embedded S3 has its port only when its gateway runs. */
    aim: (endpoint: string): void => void (target = new URL(endpoint)),
    /** From now on calls are counted, and those that are meant fail so; null lets all pass. */
    plan(next: Plan | null): void {
      planned = next
      calls = []
    },
    calls: (): readonly string[] => calls,
    /** From now on each call of the gateway meets what is dealt to it. */
    disturb: (next: Deal): void => void (deal = next),
    /** Tells the target of each call that the storage leaves waiting of its own accord. */
    watch: (tell: (target: string) => void): void => void (onSlow = tell),
    /** Does nothing more for a call once S3 has done it; resolves then. */
    silence(at: Plan['at']): Promise<void> {
      this.plan({ at, fault: 'silence' })
      return new Promise((resolve) => {
        onSilence = resolve
      })
    },
    stop(): void {
      server.closeAllConnections()
      server.close()
    },
  }
}
