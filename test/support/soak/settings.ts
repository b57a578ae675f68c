// The configuration of both gateways of a soak: one storage, one sealing key, grants that differ in what they allow.
import type { GatewayFacts } from '../s3/gateway.ts'
import { AUDIENCE, ISSUER, SESSION_SECRET } from './stage.ts'

/** Lists of one subject in an hour, exactly. */
export const LISTS = 5
/** Most bytes of an object below tiny/. */
export const TINY_BYTES = 1000
const MIB = 2 ** 20

export function toSettings(s3: GatewayFacts['s3'], endpoint: string, posternKey: string) {
  return (url: string): object => {
    const provider = s3.kind === 'embedded' ? 'r2' : 'ceph'
    const place = { provider, region: s3.region, bucket: s3.bucket, addressing: 'path', endpoint }
    const media = { ...place, credentials: 'MEDIA' }
    const all = ['read', 'upload', 'write', 'delete', 'list', 'share']
    return {
      PUBLIC_URL: url,
      ORIGINS: ['https://app.test'],
      SESSION: { cookie: '__Host-postern' },
      ISSUERS: [
        { issuer: ISSUER, audience: AUDIENCE, algorithms: ['HS256'], secret: 'SESSION_SECRET' },
      ],
      BUCKETS: { media, staged: { ...media, staging: 'incoming/' } },
      GRANTS: [
        { bucket: 'media', prefix: 'users/${sub}/', allow: all, max_bytes: 9 * MIB },
        {
          bucket: 'media',
          prefix: 'tiny/${sub}/',
          allow: ['upload', 'write'],
          max_bytes: TINY_BYTES,
          types: ['text/plain'],
        },
        { bucket: 'staged', prefix: 'published/${sub}/', allow: all, max_bytes: MIB },
      ],
      LIMITS: [
        { name: 'all', per: 'sub', allow: 100_000, every: '1m' },
        {
          name: 'lists',
          per: 'sub',
          allow: LISTS,
          every: '1h',
          on: ['list'],
          store: 'durable-object',
          on_error: 'deny',
        },
      ],
      SESSION_SECRET,
      POSTERN_KEY: posternKey,
      MEDIA_ACCESS_KEY_ID: s3.accessKeyId,
      MEDIA_SECRET_ACCESS_KEY: s3.secretAccessKey,
    }
  }
}
