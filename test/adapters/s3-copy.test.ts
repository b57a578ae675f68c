// Copies of objects too large for one CopyObject, by their protocol alone: no server here holds 5 GiB. Small parts are
// copied on a live S3 in test/s3/housekeeping.test.ts.
import { expect, test } from 'vitest'
import { createCopyCalls } from '../../src/adapters/s3-copy.ts'
import type { StoreCall } from '../../src/adapters/s3-call.ts'
import { createMultipartCalls } from '../../src/adapters/s3-multipart.ts'
import type { StoredObject } from '../../src/ports.ts'
import { EXAMPLE, keyOf, permitOf, policyOf } from '../support/permit.ts'

const GIB = 2 ** 30
const policy = await policyOf(EXAMPLE)
const rest = { bucket: 'media', size: 0, type: 'video/mp4', options: [] }
const permit = permitOf(policy, { action: 'upload', key: keyOf('published'), ...rest })

/** Answers as S3 does, and keeps which bytes it was told to copy, by part. */
function record() {
  const ranges = new Map<number, string>()
  const seen = { whole: 0, body: '' }
  const call: StoreCall = async (_, { method, query = new Map(), headers = new Map(), body }) => {
    const answer = (text: string) =>
      ({ ok: true, value: { status: 200, headers: new Headers(), text } }) as const
    if (query.has('uploads'))
      return answer(
        '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>',
      )
    if (method === 'POST') {
      seen.body = body ?? ''
      return answer('<CompleteMultipartUploadResult/>')
    }
    expect(headers.get('x-amz-copy-source')).toBe('/examplebucket/incoming/x')
    expect(headers.get('x-amz-copy-source-if-match')).toBe('"etag"')
    const number = Number(query.get('partNumber') ?? 0)
    if (number === 0) {
      seen.whole += 1
      return answer('<CopyObjectResult><ETag>"e"</ETag></CopyObjectResult>')
    }
    ranges.set(number, headers.get('x-amz-copy-source-range') ?? '')
    return answer(`<CopyPartResult><ETag>"e${number}"</ETag></CopyPartResult>`)
  }
  return { call, ranges, seen }
}

async function copy(size: number) {
  const { call, ranges, seen } = record()
  const object: StoredObject = {
    size,
    type: 'video/mp4',
    etag: 'etag',
    checksums: [],
    metadata: new Map(),
  }
  const source = { key: keyOf('incoming/x'), object }
  const calls = createCopyCalls(call, createMultipartCalls(call))
  const done = await calls.copy(permit, source, { createOnly: true })
  expect(done).toEqual({ ok: true, value: 'done' })
  return { ranges, seen }
}

test.each([
  ['5 GiB', 5 * GIB, 0],
  ['5 GiB and a byte', 5 * GIB + 1, 2],
  ['10 GiB', 10 * GIB, 2],
  ['5 TiB less a byte', 5 * 1024 * GIB - 1, 1024],
  ['5 TiB', 5 * 1024 * GIB, 1024],
  ['50 TB', 50e12, 9314],
])('%s: every byte once, in parts of at most 5 GiB', async (_, size, count) => {
  const { ranges, seen } = await copy(size)
  expect([ranges.size, seen.whole]).toEqual([count, count === 0 ? 1 : 0])
  let next = 0
  for (let number = 1; number <= count; number += 1) {
    const [, first = '', last = ''] = /^bytes=(\d+)-(\d+)$/.exec(ranges.get(number) ?? '') ?? []
    expect(Number(first)).toBe(next)
    expect(Number(last) - Number(first) + 1).toBeLessThanOrEqual(5 * GIB)
    next = Number(last) + 1
  }
  if (count === 0) return
  expect(next).toBe(size)
  // Put together in order, each by the ETag that its copy was answered with.
  const named = [...seen.body.matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>&quot;e(\d+)&quot;/g)]
  expect(named).toHaveLength(count)
  expect(named.every(([, number, etag], at) => Number(number) === at + 1 && number === etag)).toBe(
    true,
  )
})
