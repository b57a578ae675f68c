// What `postern presign` signs, at a real store: each method does what its options bound, and nothing else.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runAws } from '../support/aws-env.ts'
import { gateway } from '../support/s3/client.ts'

const { s3 } = gateway
const env = { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey }
const place = ['--endpoint-url', s3.endpoint, '--region', s3.region]

async function presign(key: string, ...args: readonly string[]) {
  const { code, out, err } = await runAws(
    ['presign', `s3://${s3.bucket}/${key}`, ...place, ...args, '--json'],
    { env },
  )
  expect([code, err]).toEqual([0, ''])
  return JSON.parse(out)
}

const freshKey = (): string => `presign/${crypto.randomUUID()}/a +'()!*ü.txt`
const PUT = ['--http-method', 'PUT', '--content-type', 'text/plain', '--content-length', '5']

function send(
  { method, url, headers }: { method: string; url: string; headers: Record<string, string> },
  body?: string,
) {
  const { 'content-length': _, ...rest } = headers
  return fetch(url, { method, headers: rest, ...(body !== undefined && { body }) })
}

describe('one object, with every method', () => {
  test('written once, read, looked at, deleted', async () => {
    const key = freshKey()
    const put = await presign(key, ...PUT, '--no-overwrite')
    expect((await send(put, 'hello')).status).toBe(200)
    expect((await send(put, 'HELLO')).status).toBe(412)
    const get = await send(await presign(key))
    expect([get.status, get.headers.get('content-type'), await get.text()]).toEqual([
      200,
      'text/plain',
      'hello',
    ])
    expect((await send(await presign(key, '--http-method', 'HEAD'))).status).toBe(200)
    expect((await send(await presign(key, '--http-method', 'DELETE'))).status).toBe(204)
    expect((await send(await presign(key))).status).toBe(404)
  })
  test('another size or type than signed is refused', async () => {
    const put = await presign(freshKey(), ...PUT)
    expect((await send(put, 'hello!')).status).toBe(403)
    expect((await send({ ...put, headers: { 'content-type': 'text/html' } }, 'hello')).status).toBe(
      403,
    )
  })
  test('by its provider: nobody can make a copy of another object of it', async () => {
    const secret = freshKey()
    await send(await presign(secret, ...PUT), 'other')
    const key = freshKey()
    const provider = s3.kind === 'embedded' ? 'r2' : 'ceph'
    const put = await presign(key, ...PUT, '--provider', provider)
    const source = `/${s3.bucket}/${encodeURIComponent(secret)}`
    const copied = await send(
      { ...put, headers: { ...put.headers, 'x-amz-copy-source': source } },
      'hello',
    )
    expect(copied.status).toBe(403)
    expect((await send(put, 'hello')).status).toBe(200)
    expect(await (await send(await presign(key))).text()).toBe('hello')
  })
  test('by the curl line that it prints', async () => {
    const key = freshKey()
    const { curl } = await presign(key, ...PUT, '--metadata', "who=O'Neil")
    const folder = mkdtempSync(join(tmpdir(), 'postern-curl-'))
    writeFileSync(join(folder, 'FILE'), 'hello')
    execFileSync('sh', ['-c', curl], { cwd: folder, stdio: 'pipe' })
    const { headers } = await send(await presign(key))
    expect(headers.get('x-amz-meta-who')).toBe("O'Neil")
  })
})

test.skipIf(s3.kind === 'embedded')('answers as the URL says', async () => {
  const key = freshKey()
  await send(await presign(key, ...PUT), 'hello')
  const name = 'attachment; filename="Grüße 1.txt"'
  const { headers } = await send(
    await presign(
      key,
      '--response-content-disposition',
      name,
      '--response-content-type',
      'text/x-other',
    ),
  )
  expect(headers.get('content-type')).toBe('text/x-other')
  expect(headers.get('content-disposition')).toBe(
    `attachment; filename="Gr__e 1.txt"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%201.txt`,
  )
})

test.skipIf(s3.kind === 'embedded')('a form takes what its policy says', async () => {
  const folder = `presign/${crypto.randomUUID()}/`
  const { url, fields } = await presign(
    `${folder}\${filename}`,
    '--http-method',
    'POST',
    '--content-type',
    'image/*',
    '--content-length',
    '1-5',
  )
  const post = (type: string, text: string) => {
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.set(name, String(value))
    form.set('Content-Type', type)
    form.set('file', new Blob([text], { type }), 'b.png')
    return fetch(url, { method: 'POST', body: form })
  }
  expect((await post('image/png', 'hello')).status).toBe(204)
  expect((await post('image/png', 'hello!')).status).toBe(400)
  expect((await post('text/html', 'hello')).status).toBe(403)
  expect(await (await send(await presign(`${folder}b.png`))).text()).toBe('hello')
})
