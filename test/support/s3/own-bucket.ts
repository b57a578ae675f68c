// A bucket for one test file, that others do not set rules on: made at the server under test, and removed.
import { createHash } from 'node:crypto'
import { AwsClient } from 'aws4fetch'
import type { GatewayFacts } from './gateway.ts'

export interface OwnBucket {
  readonly s3: GatewayFacts['s3']
  /** Sets a subresource such as `cors` or `lifecycle`. */
  readonly set: (name: string, body: string) => Promise<void>
  readonly unset: (name: string) => Promise<void>
  readonly read: (name: string) => Promise<string>
  readonly drop: () => Promise<void>
}

/** On the embedded server it is the suite's own: there no others can be made, nor rules set. */
export async function createOwnBucket(given: GatewayFacts['s3']): Promise<OwnBucket> {
  const isOwn = given.kind === 'external'
  const s3 = isOwn ? { ...given, bucket: `postern-own-${crypto.randomUUID()}` } : given
  const client = new AwsClient({ ...s3, service: 's3', retries: 0 })
  const url = `${s3.endpoint}/${s3.bucket}`
  async function send(method: string, query = '', body?: string): Promise<Response> {
    const md5 = createHash('md5')
      .update(body ?? '')
      .digest('base64')
    const init = { method, ...(body !== undefined && { body, headers: { 'Content-MD5': md5 } }) }
    const answer = await client.fetch(url + query, init)
    if (!answer.ok) throw new Error(`${method} ${query}: ${answer.status} ${await answer.text()}`)
    return answer
  }
  if (isOwn) await send('PUT')
  return {
    s3,
    set: async (name, body) => void (await send('PUT', `?${name}`, body)),
    unset: async (name) => void (await send('DELETE', `?${name}`)),
    read: async (name) => (await send('GET', `?${name}`)).text(),
    drop: async () => void (isOwn && (await send('DELETE'))),
  }
}
