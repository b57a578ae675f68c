// The CORS rules that we print, put into a live S3: a browser's preflight passes for our origin alone.
import { createHash } from 'node:crypto'
import { AwsClient } from 'aws4fetch'
import { describe, expect, test } from 'vitest'
import { toCorsXml } from '../../src/cli/doctor/cors-file.ts'
import { toCorsRule } from '../../src/core/sign/cors.ts'
import { capabilitiesOf } from '../../src/core/sign/provider.ts'
import { call, freshKey, gateway } from '../support/s3/client.ts'
import type { UploadAnswer } from '../../src/contract/upload.ts'

const ORIGIN = 'https://app.test'

describe.runIf(gateway.s3.kind === 'external')('CORS', () => {
  test('a preflight of an upload passes for our origin, and for no other', async () => {
    const rule = toCorsRule({ can: capabilitiesOf('ceph', '') }, [ORIGIN])
    const body = toCorsXml(rule)
    const s3 = new AwsClient({ ...gateway.s3, service: 's3', retries: 0 })
    const set = await s3.fetch(`${gateway.s3.endpoint}/${gateway.s3.bucket}?cors`, {
      method: 'PUT',
      body,
      headers: { 'Content-MD5': createHash('md5').update(body).digest('base64') },
    })
    expect(set.status).toBe(200)

    const target = { bucket: 'media', key: freshKey('alice'), size: 1, type: 'text/plain' }
    const opened = await call('alice', 'POST', '/v1/uploads', target)
    // The shape is checked elsewhere.
    const [part] = ((await opened.json()) as UploadAnswer).parts
    const preflight = (origin: string): Promise<Response> =>
      fetch(part?.url ?? '', {
        method: 'OPTIONS',
        headers: {
          Origin: origin,
          'Access-Control-Request-Method': 'PUT',
          // A browser asks for what it does not set by itself.
          'Access-Control-Request-Headers': Object.keys(part?.headers ?? {})
            .filter((name) => name !== 'content-length')
            .toSorted()
            .join(','),
        },
      })
    const ours = await preflight(ORIGIN)
    expect(ours.status).toBe(200)
    expect(ours.headers.get('Access-Control-Allow-Origin')).toBe(ORIGIN)
    expect((await preflight('https://evil.test')).status).toBe(403)
  })
})
