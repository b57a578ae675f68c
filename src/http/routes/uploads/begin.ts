// Begins an upload for a route: authorised, within its limits, opened once for each idempotency key, sealed.
import { hashText } from '../../../core/bytes.ts'
import { toHex } from '../../../core/hex.ts'
import type { ObjectKey } from '../../../core/policy/key.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import { SEAL_NONCE_BYTES } from '../../../core/seal.ts'
import { findSignFault } from '../../../core/sign/requests.ts'
import { findExisting, openUpload, planWanted, type Wanted } from '../../../core/upload/open.ts'
import { openTicket, sealTicket, type Ticket } from '../../../core/upload/ticket.ts'
import type { Upload } from '../../../core/upload/upload.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import { authorise } from '../../middleware/permit.ts'
import { toTools } from '../../middleware/quota.ts'
import { holderOf, limitUpload } from './holder.ts'

export interface Beginning extends Omit<Wanted, 'permit' | 'holder'> {
  readonly bucket: string
  readonly key: ObjectKey
  readonly type: string
  /** The caller's Idempotency-Key, and the body that it stands for. */
  readonly repeat?: Repeat | undefined
}

export interface Repeat {
  readonly key: string
  readonly body: string
  /** For a batch: a PUT, which opens nothing at S3, may be planned twice; that saves two calls for each small file. */
  readonly onlyParts?: true
}

export interface Begun extends Upload {
  /** The ticket, sealed. */
  readonly id: string
}

/** How often, and how long apart, to look whether another request with this key has opened the upload. */
const WAITS = 40
const WAIT_MS = 250

async function toDigest(text: string): Promise<string> {
  return toHex(new Uint8Array(await hashText(text)))
}

/** Opens at most once for each idempotency key of a subject; the same key gives the same id for a day. */
async function once(
  c: Ctx,
  repeat: Repeat,
  openFresh: () => Promise<Result<string, Failure>>,
): Promise<Result<string, Failure>> {
  const { repeats, clock } = c.var.deps
  const { issuer, subject } = holderOf(c)
  const name = `upload\n${await toDigest(JSON.stringify([issuer, subject, repeat.key]))}`
  const body = await toDigest(repeat.body)
  for (let waits = 0; waits < WAITS; waits += 1) {
    const claim = await repeats(name, { kind: 'claim', body })
    switch (claim.kind) {
      case 'kept':
        return ok(claim.answer)
      case 'mine': {
        const id = await openFresh()
        await repeats(name, id.ok ? { kind: 'keep', body, answer: id.value } : { kind: 'release' })
        return id
      }
      case 'other':
        return err({ kind: 'conflict', detail: 'This Idempotency-Key stood for another request.' })
      case 'unknown':
        return err({ kind: 'repeats_unavailable' })
      case 'busy':
        await clock.wait(WAIT_MS)
    }
  }
  return err({
    kind: 'conflict',
    detail: 'The first request with this Idempotency-Key still runs.',
  })
}

/** Authorised and planned; what it gives opens the upload, once it is within its limits. */
export function prepareUpload(
  c: Ctx,
  beginning: Beginning,
): Result<() => Promise<Result<Begun, Failure>>, Failure> {
  const { config, random, clock } = c.var.deps
  const tools = toTools(c)
  const { bucket, key, size, type, overwrite, repeat } = beginning
  const permit = authorise(c, {
    action: 'upload',
    bucket,
    key,
    size: typeof size === 'number' ? size : 0,
    type,
    options: overwrite ? ['overwrite'] : [],
  })
  if (!permit.ok) return permit
  const wanted: Wanted = { ...beginning, permit: permit.value, holder: holderOf(c) }
  const planned = planWanted(wanted, tools.count.maxBytes)
  if (!planned.ok) return planned
  // What happens once for each upload, however often its request is repeated.
  const openFresh = async (): Promise<Result<{ id: string; ticket: Ticket }, Failure>> => {
    const existing = await findExisting(tools, wanted)
    if (existing !== null) return err(existing)
    const ticket = await openUpload(tools, wanted, planned.value)
    if (!ticket.ok) return ticket
    const nonce = random.bytes(SEAL_NONCE_BYTES)
    const id = await sealTicket(config.sealingKeys, ticket.value, nonce)
    return ok({ id, ticket: ticket.value })
  }
  const toBegun = (id: string, ticket: Ticket): Begun => {
    const isOpen = clock.now() < ticket.resumableUntilSeconds * 1000
    return { id, ticket, permit: permit.value, isOpen }
  }
  const isPut = planned.value.plan.strategy === 'put'
  return ok(async () => {
    // Found out only when its parts are signed, it would leave an open upload that nobody has the id of.
    const fault = await findSignFault(permit.value, clock.now())
    if (fault !== null) return err({ kind: 'sign', fault })
    if (repeat === undefined || (repeat.onlyParts === true && isPut)) {
      const fresh = await openFresh()
      return fresh.ok ? ok(toBegun(fresh.value.id, fresh.value.ticket)) : fresh
    }
    const id = await once(c, repeat, async () => {
      const fresh = await openFresh()
      return fresh.ok ? ok(fresh.value.id) : fresh
    })
    if (!id.ok) return id
    const ticket = await openTicket(config.sealingKeys, id.value)
    // Sealed under a key that is gone: there is nothing to go on with.
    if (ticket === null || ticket.key !== permit.value.operation.key)
      return err({ kind: 'repeats_unavailable' })
    return ok(toBegun(id.value, ticket))
  })
}

export async function beginUpload(c: Ctx, beginning: Beginning): Promise<Result<Begun, Failure>> {
  const prepared = prepareUpload(c, beginning)
  if (!prepared.ok) return prepared
  const limited = await limitUpload(c, beginning.bucket)
  return limited === null ? prepared.value() : err(limited)
}
