// Tickets open only as they were sealed: under our key, whole and unchanged.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSealingKey } from '../../../src/core/seal.ts'
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
