// The object that a URL is for, from s3://bucket/key.
import { UsageError } from '../frame/usage.ts'

export interface Target {
  readonly bucket: string
  readonly key: string
}

const MAX_KEY_BYTES = 1024

/**
 * Any key that S3 takes, but for dot segments, which curl and browsers fold away before they send a request: the object
 * is then another one, or another bucket's. `s3://` may be left out, as with the AWS command line.
 */
export function parseTarget(text: string): Target {
  const [, bucket = '', key = ''] = /^([^/]*)\/([^]*)$/.exec(text.replace(/^s3:\/\//, '')) ?? []
  if (bucket === '' || key === '') throw new UsageError('s3://bucket/key is needed')
  if (!/^[\w.-]{1,255}$/.test(bucket))
    throw new UsageError('the bucket is no name: access points and ARNs are not taken')
  if (!key.isWellFormed()) throw new UsageError('the key is not well-formed Unicode')
  if (new TextEncoder().encode(key).length > MAX_KEY_BYTES)
    throw new UsageError('the key is longer than 1024 bytes')
  if (key.split('/').some((segment) => segment === '.' || segment === '..'))
    throw new UsageError('the key has a segment "." or "..", which clients fold away')
  return { bucket, key }
}
