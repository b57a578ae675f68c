// The places of a link's files, counted beside the byte quotas of its owner: kept at opening, filled before the object comes to be.
import type { PlaceAsk } from '../../core/link/record.ts'
import { type ByteCount, toConflict } from '../../core/upload/upload.ts'
import type { Ctx } from '../env.ts'

/** A completion that began in time may take so long. */
const COMPLETION_MS = 3_600_000

const REFUSALS: { readonly [state: string]: string } = {
  full: 'As many uploads are under way as files are left; one of them may still fail.',
  lost: 'The time for this upload is over.',
}

export function withPlaces(c: Ctx, count: ByteCount): ByteCount {
  const { via } = c.var
  if (via === undefined) return count
  const { tag, record, isMinted, isDropping = false } = via
  const place = (ask: PlaceAsk) => c.var.deps.links.place(tag, ask, isMinted ? record : undefined)
  return {
    maxBytes: count.maxBytes,
    async hold(upload, bytes, isSettled) {
      const { nonce, resumableUntilSeconds } = upload
      // Last: what is filled here fails nowhere else but at S3.
      const full = await count.hold(upload, bytes, isSettled)
      if (full !== null) return full
      const untilMs = resumableUntilSeconds * 1000 + COMPLETION_MS
      const placed = await place(
        isSettled ? { kind: 'fill', nonce } : { kind: 'keep', nonce, untilMs },
      )
      if (placed.ok && placed.value === 'active') return null
      if (!isSettled) await count.release(upload)
      return placed.ok
        ? toConflict(REFUSALS[placed.value] ?? 'The link takes no more files.')
        : { kind: 'limit_unavailable', policies: ['link'] }
    },
    async release(upload) {
      await count.release(upload)
      // A completion that has begun may yet copy what is staged: its place stays filled.
      const isFilledToo = !isDropping || upload.staged === undefined
      // Should that fail, it lapses.
      await place({ kind: 'free', nonce: upload.nonce, isFilledToo })
    },
  }
}
