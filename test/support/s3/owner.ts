// The bucket's owner in the S3 suite: what is really stored, read with the owner's own credentials.
import { AwsClient } from 'aws4fetch'
import { gateway } from './client.ts'

const { s3 } = gateway
const client = new AwsClient({ ...s3, service: 's3', retries: 0 })

/** Every key below a prefix, as the bucket's own list has them. */
export async function listKeys(prefix: string): Promise<readonly string[]> {
  // Without an encoding, XML could not carry every key (it has no form feed, for one).
  const query = new URLSearchParams({ 'list-type': '2', 'encoding-type': 'url', prefix })
  const answer = await client.fetch(`${s3.endpoint}/${s3.bucket}?${query}`)
  const xml = await answer.text()
  if (!answer.ok) throw new Error(`no list: ${answer.status} ${xml}`)
  return [...xml.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) =>
    // Ceph leaves the apostrophe out of the encoding, and XML then escapes it.
    decodeURIComponent(key.replaceAll('&apos;', "'")),
  )
}

/** What a GET of the object answers; the path is encoded byte by byte. */
export function getObject(key: string): Promise<Response> {
  const path = encodeURIComponent(key)
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
  return client.fetch(`${s3.endpoint}/${s3.bucket}/${path}`)
}
