// Links that ask for uploads, in tests against S3: made as an owner, used as anybody.
import { expect } from 'vitest'
import type { LinkAnswer } from '../../../src/contract/link.ts'
import type { CompleteAnswer, UploadAnswer, UploadPart } from '../../../src/contract/upload.ts'
import { expectUntainted } from '../taint.ts'
import { createClient, send } from './client.ts'
import type { GatewayFacts } from './gateway.ts'

export const MIB = 2 ** 20
export const TERMS = { maxBytes: 20 * MIB, types: ['text/plain', 'image/*'], maxFiles: 3 }
export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text))
type Named = { readonly partNumber: number; readonly etag: string }

export function createRequests(facts: GatewayFacts) {
  const { call, tokenOf } = createClient(facts)
  /** A link as `alice` makes it, below a prefix that nothing else uses. */
  async function make(terms: Record<string, unknown> = {}): Promise<LinkAnswer> {
    const prefix = `users/alice/${crypto.randomUUID()}/`
    const body = { bucket: 'media', prefix, upload: TERMS, expiresIn: 600, ...terms }
    const answer = await call('alice', 'POST', '/v1/links', body)
    expect([answer.status, body]).toEqual([201, body])
    // Its shape is checked by the walk over the document.
    return (await answer.json()) as LinkAnswer
  }
  /** Calls below /l/{id} as anybody: no credential but the link. */
  async function visit(
    id: string,
    method: string,
    path = '',
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const answer = await fetch(`${facts.url}/l/${id}${path}`, {
      method,
      redirect: 'manual',
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = [...answer.headers].join('\n') + (await answer.clone().text())
    expectUntainted(text, [facts.sessionSecret, facts.posternKey, facts.s3.secretAccessKey])
    return answer
  }
  const begin = (id: string, file: object = {}, headers: Record<string, string> = {}) =>
    visit(
      id,
      'POST',
      '/uploads',
      { filename: 'a.txt', size: 5, type: 'text/plain', ...file },
      headers,
    )
  async function open(id: string, file: object = {}): Promise<UploadAnswer> {
    const answer = await begin(id, file)
    expect(answer.status).toBe(201)
    return (await answer.json()) as UploadAnswer
  }
  async function sendParts(
    parts: readonly UploadPart[],
    content: Uint8Array<ArrayBuffer>,
    partSize: number,
  ): Promise<Named[]> {
    const named = []
    for (const part of parts) {
      const start = (part.partNumber - 1) * partSize
      const answer = await send(part, content.slice(start, start + part.size))
      expect(answer.status).toBe(200)
      named.push({ partNumber: part.partNumber, etag: answer.headers.get('ETag') ?? '' })
    }
    return named
  }
  const sendAll = (upload: UploadAnswer, content: Uint8Array<ArrayBuffer>) =>
    sendParts(upload.parts, content, upload.partSize)
  const complete = (id: string, upload: string, parts: readonly Named[]) =>
    visit(id, 'POST', `/uploads/${upload}/complete`, { parts })
  /** One file, from nothing to the verified object. */
  async function put(id: string, text = 'bytes', file: object = {}): Promise<CompleteAnswer> {
    const content = bytesOf(text)
    const upload = await open(id, { size: content.length, ...file })
    const answer = await complete(id, upload.id, await sendAll(upload, content))
    expect(answer.status).toBe(200)
    return (await answer.json()) as CompleteAnswer
  }
  const read = async (id: string): Promise<LinkAnswer> =>
    (await (await call('alice', 'GET', `/v1/links/${id}`)).json()) as LinkAnswer
  return { call, tokenOf, make, visit, begin, open, sendParts, sendAll, complete, put, read }
}
