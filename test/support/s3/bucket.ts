// What S3 itself says of a bucket, asked with the gateway's own keys: open uploads, objects, CORS.
import { createHash } from 'node:crypto'
import { AwsClient } from 'aws4fetch'
import { toCorsXml } from '../../../src/cli/doctor/cors-file.ts'
import { toCorsRule } from '../../../src/core/sign/cors.ts'
import { encodeKey } from '../../../src/core/sign/encode.ts'
import { capabilitiesOf } from '../../../src/core/sign/provider.ts'
import type { GatewayFacts } from './gateway.ts'

export function createBucket({ s3 }: Pick<GatewayFacts, 's3'>) {
  const client = new AwsClient({ ...s3, service: 's3', retries: 0 })
  const base = `${s3.endpoint}/${s3.bucket}`
  const list = async (query: Record<string, string>, tag: string): Promise<string[]> => {
    const text = await (await client.fetch(`${base}?${new URLSearchParams(query)}`)).text()
    const found = [...text.matchAll(new RegExp(`<${tag}>([^<]+)</${tag}>`, 'g'))]
    return found.map(([, value = '']) =>
      value
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll(/&(?:apos|#39);/g, "'")
        .replaceAll('&amp;', '&'),
    )
  }
  return {
    keys: (prefix: string) => list({ 'list-type': '2', prefix }, 'Key'),
    openUploads: (prefix: string) => list({ uploads: '', prefix }, 'UploadId'),
    get: (key: string) => client.fetch(`${base}/${encodeKey(key)}`),
    async put(key: string, body: string | Uint8Array<ArrayBuffer>): Promise<void> {
      const sent = await client.fetch(`${base}/${encodeKey(key)}`, { method: 'PUT', body })
      if (!sent.ok) throw new Error(`not stored: ${sent.status}`)
    },
    /** Removes what a test has left; the embedded S3 ends with the suite. */
    async clear(prefix: string): Promise<void> {
      if (s3.kind === 'embedded') return
      for (;;) {
        const keys = await list({ 'list-type': '2', prefix }, 'Key')
        if (keys.length === 0) return
        for (const key of keys)
          await client.fetch(`${base}/${encodeKey(key)}`, { method: 'DELETE' })
      }
    },
    /** The rule that `npm run cors` prints; the embedded S3 admits localhost by itself. */
    async allow(origins: readonly string[]): Promise<void> {
      if (s3.kind === 'embedded') return
      const rule = toCorsRule({ can: capabilitiesOf('ceph', '') }, origins)
      const body = toCorsXml(rule)
      const md5 = createHash('md5').update(body).digest('base64')
      const headers = { 'Content-MD5': md5 }
      const set = await client.fetch(`${base}?cors`, { method: 'PUT', body, headers })
      if (!set.ok) throw new Error(`CORS not set: ${set.status}`)
    },
  }
}
