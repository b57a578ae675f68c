// One request of the fuzzer as it goes over the wire, and sending it: nothing is normalised on the way.
import { type Agent, request } from 'node:http'

export interface Call {
  readonly method: string
  /** Path and query as they are sent. */
  readonly target: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Buffer | undefined
  /** What was done to a fitting request; empty for one that fits. */
  readonly mutations: readonly string[]
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: Buffer
}

/** The call so that it can be made again by hand; bodies are cut. */
export function describeCall({ method, target, headers, body, mutations }: Call): string {
  const names = headers.filter(([name]) => !/authorization|cookie/i.test(name))
  const text = body?.toString('latin1').slice(0, 600) ?? ''
  return `${method} ${target.slice(0, 600)}\n${names.map(([name, value]) => `${name}: ${value.slice(0, 200)}`).join('\n')}\n\n${text}\n[${mutations.join(', ')}]`
}

export function sendCall(agent: Agent, base: URL, call: Call): Promise<Reply> {
  const headers = call.headers.flatMap(([name, value]) => [name, value])
  // With a list of headers node adds none of its own.
  const length = call.body === undefined ? [] : ['Content-Length', String(call.body.length)]
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        agent,
        host: base.hostname,
        port: base.port,
        method: call.method,
        path: call.target,
        headers: ['Host', base.host, ...length, ...headers],
      },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () => {
          const fields = new Headers()
          for (let at = 0; at < answer.rawHeaders.length; at += 2)
            fields.append(answer.rawHeaders[at] ?? '', answer.rawHeaders[at + 1] ?? '')
          resolve({ status: answer.statusCode ?? 0, headers: fields, body: Buffer.concat(chunks) })
        })
      },
    )
    sent.on('error', reject)
    sent.end(call.body)
  })
}
