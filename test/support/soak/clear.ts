// Removes all that a soak has left in its own bucket, uploads that nobody has the id of among it, and the bucket.
import { AwsClient } from 'aws4fetch'
import { encodeKey } from '../../../src/core/sign/encode.ts'
import type { GatewayFacts } from '../s3/gateway.ts'

const toText = (xml: string): string =>
  xml.replaceAll('&apos;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&')

export async function clearBucket(s3: GatewayFacts['s3']): Promise<void> {
  const client = new AwsClient({ ...s3, service: 's3', retries: 0 })
  const base = `${s3.endpoint}/${s3.bucket}`
  const list = async (query: string): Promise<string> =>
    (await client.fetch(`${base}?${query}`)).text()
  for (;;) {
    const found = [...(await list('list-type=2')).matchAll(/<Key>([^<]+)<\/Key>/g)]
    if (found.length === 0) break
    for (const [, key = ''] of found)
      await client.fetch(`${base}/${encodeKey(toText(key))}`, { method: 'DELETE' })
  }
  for (;;) {
    const pattern = /<Key>([^<]+)<\/Key>\s*<UploadId>([^<]+)<\/UploadId>/g
    const found = [...(await list('uploads')).matchAll(pattern)]
    if (found.length === 0) break
    for (const [, key = '', id = ''] of found) {
      const query = `uploadId=${encodeURIComponent(toText(id))}`
      await client.fetch(`${base}/${encodeKey(toText(key))}?${query}`, { method: 'DELETE' })
    }
  }
  await client.fetch(base, { method: 'DELETE' })
}
