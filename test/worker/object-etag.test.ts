// The ETag of an object in parts, in workerd: of WebCrypto's, only its own has MD5.
import { expect, test } from 'vitest'
import { toObjectEtag } from '../../src/core/upload/parts.ts'

test('the ETag of an object is the MD5 of its parts’ MD5s, where they are such', async () => {
  // md5(md5("a") ‖ md5("b")), with the number of parts.
  const a = { partNumber: 1, etag: '0cc175b9c0f1b6a831c399e269772661' }
  const b = { partNumber: 2, etag: '92eb5ffee6ae2fec3ad71c777531578f' }
  expect(await toObjectEtag([a, b])).toBe('96e024ba2074fe77e8e965ba43a704be-2')
  expect(await toObjectEtag([b, a])).not.toBe(await toObjectEtag([a, b]))
  for (const etag of ['', 'x'.repeat(32), a.etag.toUpperCase(), `${a.etag}-1`])
    expect(await toObjectEtag([a, { partNumber: 2, etag }])).toBeUndefined()
})
