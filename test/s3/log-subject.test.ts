// The parameter that names the caller in a store's own log: signed it is taken, changed it is refused; through the gateway where configuration allows it.
import { AwsClient } from 'aws4fetch'
import { expect, test } from 'vitest'
import { createClient, freshKey, gateway, send, sign } from '../support/s3/client.ts'
import { startGateway } from '../support/s3/gateway.ts'

const isEmbedded = gateway.s3.kind === 'embedded'

test('a store takes a parameter that means nothing to it, if it is signed', async () => {
  const key = freshKey('alice')
  const put = { method: 'PUT', key, size: 5, type: 'text/plain' }
  expect((await send(await sign('alice', put), 'bytes')).status).toBe(200)
  const { endpoint, bucket } = gateway.s3
  const client = new AwsClient({ ...gateway.s3, service: 's3', retries: 0 })
  const plain = `${endpoint}/${bucket}/${key}?x-postern-sub=abcdefgh12345678&X-Amz-Expires=60`
  const { url } = await client.sign(plain, { aws: { signQuery: true } })
  expect(await (await fetch(url)).text()).toBe('bytes')
  expect((await fetch(url.replace('abcdefgh', 'hgfedcba'))).status).toBe(403)
})

test.skipIf(isEmbedded)('by the gateway, for what the caller reads and writes', async () => {
  const { facts, stop } = await startGateway(
    (_url, s3) => ({
      BUCKETS: {
        media: {
          provider: 'ceph',
          bucket: s3.bucket,
          region: s3.region,
          endpoint: s3.endpoint,
          addressing: 'path',
          credentials: 'MEDIA',
          log_subject: true,
        },
      },
      GRANTS: [{ bucket: 'media', prefix: 'users/${sub}/', allow: ['read', 'write'] }],
      UPPY: { bucket: 'media', prefix: 'users/${sub}/' },
    }),
    gateway.script,
  )
  try {
    const { call } = createClient(facts)
    const key = freshKey('alice')
    const put = { bucket: 'media', method: 'PUT', key, size: 5, type: 'text/plain' }
    // A signed request by its schema.
    const signed = (await (await call('alice', 'POST', '/v1/sign', put)).json()) as Parameters<
      typeof send
    >[0]
    expect(signed.url).toMatch(/&x-postern-sub=[\w-]{16}/)
    expect((await send(signed, 'bytes')).status).toBe(200)
    const url = (await call('alice', 'GET', `/o/media/${key}`)).headers.get('Location') ?? ''
    expect(url).toMatch(/&x-postern-sub=[\w-]{16}/)
    expect(await (await fetch(url)).text()).toBe('bytes')
  } finally {
    await stop()
  }
})
