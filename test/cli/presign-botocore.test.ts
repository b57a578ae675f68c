// The options of `postern presign` beside botocore, which signs what `aws s3 presign` has no options for: PUT, HEAD, DELETE.
import { expect, test } from 'vitest'
import { toMetadataHeaders } from '../../src/core/sign/metadata.ts'
import { runAws } from '../support/aws-env.ts'
import text from '../vectors/botocore/vectors.json?raw'
import { type RequestVector, toComparable, toMs, toVectors } from '../support/signing-vectors.ts'

const OPTIONS: Readonly<Record<string, string>> = {
  'response-content-disposition': '--response-content-disposition',
  'response-content-type': '--response-content-type',
  'response-cache-control': '--response-cache-control',
  'response-content-language': '--response-content-language',
  'response-content-encoding': '--response-content-encoding',
  'response-expires': '--response-expires',
  versionId: '--version-id',
  'content-length': '--content-length',
  'content-type': '--content-type',
  'cache-control': '--cache-control',
  'content-disposition': '--content-disposition',
  'content-encoding': '--content-encoding',
  'x-amz-storage-class': '--storage-class',
}

/** The option of a query parameter or header, or null where the command has none. */
function toOption(name: string, value: string): readonly string[] | null {
  const checksum = /^x-amz-checksum-(.+)$/.exec(name)?.[1]
  if (checksum !== undefined) return ['--checksum', `${checksum}=${value}`]
  const metadata = /^x-amz-meta-(.+)$/.exec(name)?.[1]
  if (metadata !== undefined) {
    // Where the command makes encoded words of a text, botocore signs another header.
    const own = toMetadataHeaders(new Map([[metadata, value]]))
    return own.get(name) === value ? ['--metadata', `${metadata}=${value}`] : null
  }
  if (name === 'if-none-match') return ['--no-overwrite']
  const option = OPTIONS[name]
  return option === undefined ? null : [`${option}=${value}`]
}

function toArgs(vector: RequestVector): readonly string[] | null {
  const { method, bucket, key, region, endpoint, addressing, expiresIn, query, headers } = vector
  if (key === undefined) return null
  const options = [...Object.entries(query), ...Object.entries(headers)].map(([name, value]) =>
    toOption(name, value),
  )
  if (options.includes(null)) return null
  const place = endpoint === undefined ? [] : ['--endpoint-url', endpoint]
  return [
    'presign',
    '--json',
    '--http-method',
    method,
    '--region',
    region,
    '--addressing',
    addressing,
    ...place,
    '--expires-in',
    String(expiresIn),
    ...options.flatMap((words) => words ?? []),
    '--',
    `s3://${bucket}/${key}`,
  ]
}

const cases = toVectors(text).requests.flatMap((vector) => {
  const args = toArgs(vector)
  return args === null
    ? []
    : [{ name: `${vector.method} ${vector.name}`.slice(0, 80), vector, args }]
})

test('there are enough of them, of each method', () => {
  const methods = Object.groupBy(cases, ({ vector }) => vector.method)
  const counts = Object.entries(methods).map(([method, { length }]) => [method, length])
  expect(Object.fromEntries(counts)).toEqual({ GET: 255, HEAD: 3, PUT: 164, DELETE: 25 })
})

test.each(cases)('$name', async ({ vector, args }) => {
  const { accessKeyId, secretAccessKey, sessionToken, datetime, headers } = vector
  const env = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    // As in test/vectors/botocore/generate.py.
    AWS_S3_US_EAST_1_REGIONAL_ENDPOINT: 'regional',
  }
  const { code, out, err } = await runAws(args, { env, now: () => toMs(datetime) })
  expect([code, err.replace(/^warning: these are temporary.*\n/, '')]).toEqual([0, ''])
  const signed = JSON.parse(out)
  expect(toComparable(signed.url)).toBe(toComparable(vector.url))
  expect(signed.headers).toEqual(headers)
})
