// What is measured: each case is one request to one server, sent again and again.
import { createSealingKey, parsePosternKey } from '../../src/core/seal.ts'
import { sealTicket, type Ticket } from '../../src/core/upload/ticket.ts'
import {
  authorization,
  freshRedirects,
  get,
  ISSUER,
  redirect,
  toVariables,
} from '../support/gateway.ts'
import type { Requests } from '../support/load.ts'
import type { ServerName, Stage } from './stage.ts'

export interface Case {
  readonly id: string
  readonly name: string
  readonly server: ServerName
  readonly request: Requests
  readonly status: string
}

export const CHILD = 'users/alice/'
export const BATCH = 100

function toPost(path: string, body: object, headers = authorization): string {
  const text = JSON.stringify(body)
  return `POST ${path} HTTP/1.1\r\nHost: files.example.com\r\n${headers}Content-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`
}

/** The id of an upload that is open, as the gateway itself seals it: its parts are signed without a word to S3. */
async function sealUpload(bucket: string): Promise<string> {
  const key = parsePosternKey(String(toVariables(10)['POSTERN_KEY']))
  if (key === null) throw new Error('no key')
  const now = Math.floor(Date.now() / 1000)
  const ticket: Ticket = {
    issuer: ISSUER,
    subject: 'alice',
    bucket,
    key: `${CHILD}film.mp4`,
    size: 100 * 2 ** 20,
    type: 'video/mp4',
    overwrite: false,
    multipart: { uploadId: 'x'.repeat(90), partSize: 8 * 2 ** 20 },
    nonce: 'nonce',
    createdAtSeconds: now,
    resumableUntilSeconds: now + 86_400,
  }
  return sealTicket([await createSealingKey(key)], ticket, new Uint8Array(12))
}

/** A link of a gateway that runs, made as its users make them. */
export async function makeLink(port: number, terms: object = {}): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/links`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Authorization: authorization.slice('Authorization: '.length).trim(),
    },
    body: JSON.stringify({ bucket: 'media', key: `${CHILD}file.txt`, expiresIn: 86_400, ...terms }),
  })
  if (answer.status !== 201) throw new Error(`no link: ${answer.status} ${await answer.text()}`)
  return ((await answer.json()) as { id: string }).id
}

const read = (at: number): object => ({
  bucket: 'media',
  key: `${CHILD}${at}.jpg`,
  method: 'GET',
})

export async function toCases({ servers, esToken }: Stage): Promise<readonly Case[]> {
  const upload = await sealUpload('media')
  const [kvLink, countedLink] = [
    await makeLink(servers.few.port),
    await makeLink(servers.few.port, { maxDownloads: 1_000_000 }),
  ]
  const s3Key = encodeURIComponent(`${CHILD}film.mp4`)
  const params = '/s3/params?filename=photo.png&type=image%2Fpng'
  const part = (id: string): string => `/s3/multipart/${id}/3?key=${s3Key}`
  const es = `Authorization: Bearer ${esToken}\r\n`
  const reads = Array.from({ length: BATCH }, (_, at) => read(at))
  const photo = { name: 'photo.png', size: 100_000, type: 'image/png' }
  const put = { ...read(1), method: 'PUT', size: photo.size, type: photo.type }
  const file = { bucket: 'local', key: `${CHILD}new.png`, size: photo.size, type: photo.type }
  const of = (
    id: string,
    name: string,
    server: ServerName,
    request: Requests,
    status = '200',
  ): Case => ({ id, name, server, request, status })
  return [
    of('hello', 'bare Hono, "hello"', 'hello', get('/')),
    of('homemade', 'home-made redirect: Hono, jose, aws4fetch', 'homemade', redirect, '302'),
    of('sdk', 'the same with the AWS SDK’s `getSignedUrl`', 'sdk', redirect, '302'),
    of('refused', '**Postern**: no token (401)', 'few', get(`/o/media/${CHILD}file.txt`), '401'),
    of('hs256', '**Postern**: redirect, HS256, 10 grants', 'few', redirect, '302'),
    of('many', '**Postern**: the same with 1000 grants', 'many', redirect, '302'),
    of(
      'fresh',
      '**Postern**: redirect, HS256, each token a new one',
      'few',
      await freshRedirects(),
      '302',
    ),
    of(
      'es256',
      '**Postern**: redirect, ES256, key of a JWKS in memory',
      'es256',
      get(`/o/media/${CHILD}file.txt`, es),
      '302',
    ),
    of('sign', '**Postern**: `POST /v1/sign`, one GET', 'few', toPost('/v1/sign', read(0))),
    of('put', '**Postern**: `POST /v1/sign`, one PUT', 'few', toPost('/v1/sign', put)),
    of(
      'better',
      'Better Upload’s handler, one PUT, HS256',
      'better',
      toPost('/', { route: 'photos', files: [photo] }),
    ),
    of(
      'batch',
      `**Postern**: \`POST /v1/sign\`, a batch of ${BATCH}`,
      'few',
      toPost('/v1/sign', { requests: reads }),
    ),
    of('params', '**Postern**: `/s3/params`', 'few', get(params, authorization)),
    of('companion', 'Companion: `/s3/params`, no token', 'companion', get(params)),
    of('part', '**Postern**: `/s3/multipart/…/n`', 'few', get(part(upload), authorization)),
    of(
      'companionPart',
      'Companion: `/s3/multipart/…/n`, no token',
      'companion',
      get(part('x'.repeat(90))),
    ),
    of(
      'handshake',
      '**Postern**: `POST /v1/uploads`, with its HEAD to an S3',
      'few',
      toPost('/v1/uploads', file),
      '201',
    ),
    of('kvLink', '**Postern**: a link from KV', 'few', get(`/l/${kvLink}`), '302'),
    of(
      'countedLink',
      '**Postern**: a counted link, by its Durable Object',
      'few',
      get(`/l/${countedLink}`),
      '302',
    ),
  ]
}
