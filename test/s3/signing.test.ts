// Signed URLs against a live S3: what they let through, and what a client cannot change.
import { describe, expect, test } from 'vitest'
import {
  call,
  freshKey,
  gateway,
  send,
  sign,
  toSigned,
  toVerifiedLocation,
} from '../support/s3/client.ts'

const TEXT = 'hello from alice'

async function put(key: string, text = TEXT, type = 'text/plain'): Promise<Response> {
  const size = new TextEncoder().encode(text).length
  return send(await sign('alice', { key, method: 'PUT', size, type }), text)
}

const TORTURE = [
  "Grüße + (1)'s!*.txt",
  'emoji 🚀🎉.bin',
  'a=b&c?d#e%20f.txt',
  '~-._',
  'percent%25%2F%2e.txt',
  'plus+plus++',
  'semi;colon,comma@at$dollar',
  '日本語/ファイル.txt',
  'quote"double\'single`tick',
  ' leading and trailing ',
  '[brackets]{braces}<angles>|pipe^caret',
]

describe('keys', () => {
  test.each(TORTURE)('%s round-trips', async (name) => {
    const key = freshKey('alice', name)
    expect((await put(key)).status).toBe(200)
    const path = `/o/media/${encodeURIComponent(key).replaceAll('%2F', '/')}`
    const redirect = await call('alice', 'GET', path)
    expect(redirect.status).toBe(302)
    const answer = await fetch(toVerifiedLocation(redirect, 'GET'))
    expect([answer.status, await answer.text()]).toEqual([200, TEXT])
  })
})

describe('download', () => {
  test('as JSON, and HEAD by a signed HEAD', async () => {
    const key = freshKey('alice')
    await put(key)
    const json = await toSigned(
      await call('alice', 'GET', `/o/media/${key}`, undefined, { Accept: 'application/json' }),
    )
    expect(await (await send(json)).text()).toBe(TEXT)
    const head = await call('alice', 'HEAD', `/o/media/${key}`)
    expect(head.status).toBe(302)
    const answer = await fetch(toVerifiedLocation(head, 'HEAD'), { method: 'HEAD' })
    expect([answer.status, answer.headers.get('content-length')]).toEqual([
      200,
      String(TEXT.length),
    ])
  })

  test('DELETE removes the object', async () => {
    const key = freshKey('alice')
    await put(key)
    expect((await send(await sign('alice', { key, method: 'DELETE' }))).status).toBe(204)
    expect((await send(await sign('alice', { key, method: 'GET' }))).status).toBe(404)
  })

  test('an expired URL is refused', async () => {
    const key = freshKey('alice')
    await put(key)
    const signed = await sign('alice', { key, method: 'GET', expiresIn: 1 })
    const over = Date.parse(signed.expiresAt) + 2000
    // The condition is the server's own clock: it names the time in every answer.
    let serverMs = 0
    while (serverMs <= over)
      serverMs =
        Date.parse((await fetch(signed.url)).headers.get('Date') ?? String(new Date())) ||
        Date.now()
    expect((await send(signed)).status).toBe(403)
  })
})

describe('tampering', () => {
  test.each([
    'X-Amz-Date',
    'X-Amz-Expires',
    'X-Amz-Credential',
    'X-Amz-Signature',
    'X-Amz-SignedHeaders',
    'response-content-disposition',
  ])('a changed %s is refused', async (name) => {
    const key = freshKey('alice')
    await put(key)
    const signed = await sign('alice', { key, method: 'GET' })
    const url = new URL(signed.url)
    const value = url.searchParams.get(name) ?? ''
    const changed =
      name === 'X-Amz-Expires' ? '604800' : value.slice(0, -1) + (value.endsWith('0') ? '1' : '0')
    expect(value).not.toBe('')
    url.searchParams.set(name, changed)
    expect((await fetch(url)).status).toBeGreaterThanOrEqual(400)
  })

  test('another path or method is refused', async () => {
    const key = freshKey('alice')
    await put(key)
    const signed = await sign('alice', { key, method: 'GET' })
    expect((await fetch(signed.url.replace('file.bin', 'file.bim'))).status).toBe(403)
    expect((await fetch(signed.url, { method: 'DELETE' })).status).toBe(403)
  })
})

describe('PUT binds what it says', () => {
  test('another length is refused', async () => {
    const signed = await sign('alice', {
      key: freshKey('alice'),
      method: 'PUT',
      size: 16,
      type: 'text/plain',
    })
    expect((await send(signed, `${TEXT}!`)).status).toBe(403)
  })

  test('another type, or none, is refused', async () => {
    const signed = await sign('alice', {
      key: freshKey('alice'),
      method: 'PUT',
      size: 16,
      type: 'text/plain',
    })
    const headers = { ...signed.headers, 'content-type': 'text/html' }
    expect((await send({ ...signed, headers }, TEXT)).status).toBe(403)
  })

  test('leaving out If-None-Match is refused', async () => {
    const signed = await sign('alice', {
      key: freshKey('alice'),
      method: 'PUT',
      size: 16,
      type: 'text/plain',
    })
    const headers = { 'content-type': 'text/plain' }
    expect((await send({ ...signed, headers }, TEXT)).status).toBe(403)
  })

  test('an object is never overwritten', async () => {
    const key = freshKey('alice')
    expect((await put(key)).status).toBe(200)
    expect((await put(key, 'something else!!')).status).toBe(412)
    expect(await (await send(await sign('alice', { key, method: 'GET' }))).text()).toBe(TEXT)
  })
})

test('the built Worker answers on its own address', async () => {
  const answer = await fetch(`${gateway.url}/readyz`)
  expect(await answer.json()).toMatchObject({ status: 'ready' })
})
