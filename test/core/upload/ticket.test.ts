// Tickets open only as they were sealed: under our key, whole and unchanged.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSealingKey, seal } from '../../../src/core/seal.ts'
import { openTicket, sealTicket, type Ticket } from '../../../src/core/upload/ticket.ts'

const ticket: Ticket = {
  issuer: 'https://login.test',
  subject: 'alice',
  bucket: 'media',
  key: 'users/alice/Grüße.txt',
  size: 5,
  type: 'text/plain',
  overwrite: false,
  multipart: { uploadId: '2~upload', partSize: 8_388_608 },
  nonce: 'nonce',
  createdAtSeconds: 1,
  resumableUntilSeconds: 2,
}
const ours = [await createSealingKey(new Uint8Array(32).fill(1))]
const theirs = [await createSealingKey(new Uint8Array(32).fill(2))]
const sealed = await sealTicket(ours, ticket, new Uint8Array(12))

test('a ticket opens to what was sealed, with the previous key as well', async () => {
  expect(await openTicket(ours, sealed)).toEqual(ticket)
  expect(await openTicket([...theirs, ...ours], sealed)).toEqual(ticket)
  expect(await openTicket(theirs, sealed)).toBeNull()
})

test('an unknown size, a checksum and headers are sealed as well', async () => {
  const full: Ticket = {
    ...ticket,
    size: null,
    multipart: null,
    budget: 9,
    staged: 'incoming/nonce',
    checksum: { algorithm: 'md5', value: 'x' },
    headers: { 'x-amz-meta-a': 'b' },
  }
  expect(await openTicket(ours, await sealTicket(ours, full, new Uint8Array(12)))).toEqual(full)
})

test('a ticket of layout 2, sealed before a deploy, still opens; one of a layout to come does not', async () => {
  const sealFields = (layout: number): Promise<string> => {
    const { issuer, subject, bucket, key, size, type, overwrite } = ticket
    const names = [layout, issuer, subject, bucket, key, size, type, overwrite]
    const fields = [...names, ['2~upload', 8_388_608], 'nonce', 1, 2]
    const plain = new TextEncoder().encode(JSON.stringify(fields))
    return seal(ours, 'upload-ticket', plain, new Uint8Array(12))
  }
  expect(await openTicket(ours, await sealFields(2))).toEqual(ticket)
  expect(await openTicket(ours, await sealFields(4))).toBeNull()
})

test('1500 mutated or truncated tickets never open', async () => {
  const position = fc.nat(sealed.length - 1)
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=. '
  const mutated = fc.oneof(
    fc
      .tuple(position, fc.constantFrom(...alphabet))
      .map(([at, char]) => sealed.slice(0, at) + char + sealed.slice(at + 1)),
    position.map((at) => sealed.slice(0, at)),
    fc.string().map((text) => sealed + text),
    fc.base64String(),
  )
  await fc.assert(
    fc.asyncProperty(mutated, async (text) => {
      if (text !== sealed) expect(await openTicket(ours, text)).toBeNull()
    }),
    { numRuns: 1500 },
  )
})
