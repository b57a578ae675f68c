// `postern explain` on what a real store answers: each planted fault is refused by it, and then found.
import { request } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { Report } from '../../src/cli/explain/finding.ts'
import { runAws } from '../support/aws-env.ts'
import { runCli } from '../support/cli.ts'
import { gateway } from '../support/s3/client.ts'

const { s3 } = gateway
const env = { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey }
const KEY = `explain/${crypto.randomUUID()}/a b.txt`

async function sign(
  key: string,
  args: readonly string[] = [],
  own: object = {},
  now = () => Date.now(),
) {
  const place = ['--endpoint-url', s3.endpoint, '--region', s3.region]
  const { out } = await runAws(
    ['presign', `s3://${s3.bucket}/${key}`, ...place, ...args, '--json'],
    {
      env: { ...env, ...own },
      now,
    },
  )
  const signed: { readonly url: string; readonly headers: Record<string, string> } = JSON.parse(out)
  return signed
}

const put = await sign(KEY, [
  '--http-method=PUT',
  '--content-type=text/plain',
  '--content-length=5',
  '--no-overwrite',
])
const { 'content-length': size, ...putHeaders } = put.headers
await fetch(put.url, { method: 'PUT', headers: putHeaders, body: 'hello' })

interface Sent {
  readonly url: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Bytes as they are: `fetch` would rewrite the path and the Host. */
function send({
  url,
  method = 'GET',
  headers = {},
  body = '',
}: Sent): Promise<{ status: number; text: string }> {
  const [, host = '', port = '', path = ''] = /^http:\/\/([^:/]+):(\d+)([^#]*)/.exec(url) ?? []
  return new Promise((resolve, reject) => {
    const length = body === '' ? {} : { 'content-length': body.length }
    const sent = request(
      { host, port, path, method, headers: { ...length, ...headers } },
      (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
      },
    )
    sent.on('error', reject).end(body)
  })
}

async function explain(url: string, error: string, args: readonly string[]): Promise<Report> {
  const given = error.trim() === '' ? [] : ['--error', '-']
  const { code, out, err } = await runCli(['explain', url, ...given, '--json', ...args], {
    input: error,
  })
  expect([code, err]).toEqual([0, ''])
  return JSON.parse(out)
}

const get = await sign(KEY)
const lost = await sign(`${KEY}-lost`)
const twice = await sign(encodeURIComponent(KEY))
const stranger = await sign(KEY, [], { AWS_ACCESS_KEY_ID: 'AKIDNOBODYKNOWSIT' })
const old = await sign(KEY, ['--expires-in=60'], {}, () => Date.now() - 3_600_000)

describe('a fault of the URL', () => {
  test.each<readonly [string, string, Sent, readonly string[]]>([
    ['cut off at its end', 'truncated', { url: get.url.slice(0, -7) }, []],
    ['cut off at an &', 'truncated', { url: get.url.replace(/&.*/, '') }, []],
    ['with &amp;', 'html-entities', { url: get.url.replaceAll('&', '&amp;') }, []],
    ['with a parameter more', 'added-parameter', { url: `${get.url}&utm_source=mail` }, []],
    ['expired', 'expired', { url: old.url }, []],
    [
      'without its header',
      'missing-header',
      { url: put.url, method: 'PUT', body: 'hello' },
      ['--header', `content-length: ${size}`],
    ],
    ['with text behind it', 'text-after-signature', { url: `${get.url}0` }, []],
    ['encoded once more', 'double-encoded', { url: get.url.replaceAll('%', '%25') }, []],
  ])('%s', async (_, code, sent, args) => {
    const { status, text } = await send(sent)
    expect(status).toBeGreaterThanOrEqual(400)
    const { findings } = await explain(sent.url, text, args)
    expect(
      findings.filter(({ level }) => level === 'fault').map((finding) => finding.code),
    ).toContain(code)
  })
})

describe('a fault that only the answer tells', () => {
  test.each<readonly [string, string, Sent]>([
    ['no object', 'no-object', { url: lost.url }],
    ['a key that was encoded before it was signed', 'no-object', { url: twice.url }],
    ['an unknown key id', 'key-unknown', { url: stranger.url }],
    [
      'an object that exists',
      'exists',
      { url: put.url, method: 'PUT', headers: putHeaders, body: 'hello' },
    ],
  ])('%s', async (_, code, sent) => {
    const { status, text } = await send(sent)
    expect(status).toBeGreaterThanOrEqual(400)
    const { findings } = await explain(sent.url, text, [])
    expect(findings.map((finding) => finding.code)).toContain(code)
  })
})

test('the good URL is good there, too', async () => {
  expect(await send({ url: get.url })).toEqual({ status: 200, text: 'hello' })
  expect(
    (await explain(get.url, '', [])).findings.filter(({ level }) => level === 'fault'),
  ).toEqual([])
})
