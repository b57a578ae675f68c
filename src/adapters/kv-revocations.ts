// Revocation records in Workers KV, remembered for half a minute in memory.
// Consistency: a record written anywhere is seen within 60 seconds (KV's cache, also of absence) and MEMORY_MS more.
// Limits: two reads for a session that was not seen lately. Failure, or no answer in TIMEOUT_MS: `unknown`, never `valid`.
import { isRevoked, toCutName, toRevocationName } from '../core/token/revocation.ts'
import type { Clock, Revocations } from '../ports.ts'
import { inTime } from './in-time.ts'

const MEMORY_MS = 30_000
const MAX_REMEMBERED = 20_000
const TIMEOUT_MS = 1000
const KV_CACHE_SECONDS = 60

interface Remembered {
  readonly text: string | null
  readonly untilMs: number
}

export function createKvRevocations(kv: Pick<KVNamespace, 'get'>, clock: Clock): Revocations {
  const memory = new Map<string, Remembered>()

  async function read(id: string, toName: typeof toCutName, issuer: string, whose: string) {
    const asked = kv.get(await toName(issuer, whose), { cacheTtl: KV_CACHE_SECONDS })
    const text = await inTime(clock, TIMEOUT_MS, asked)
    if (memory.size >= MAX_REMEMBERED) memory.clear()
    memory.set(id, { text, untilMs: clock.now() + MEMORY_MS })
    return text
  }

  /** The record of these two, undefined when nobody can know; its name, a hash, is made only when it is not remembered. */
  function recall(toName: typeof toCutName, issuer: string, whose: string) {
    const id = JSON.stringify([toName === toCutName, issuer, whose])
    const known = memory.get(id)
    return known !== undefined && known.untilMs > clock.now()
      ? known.text
      : read(id, toName, issuer, whose).catch(() => undefined)
  }

  return {
    async judge(session) {
      const { issuer, subject, tokenId } = session
      // Both are asked for before one is waited for.
      const found = tokenId === undefined ? null : recall(toRevocationName, issuer, tokenId)
      const cutFound = recall(toCutName, issuer, subject)
      const [revocation, cut] = [await found, await cutFound]
      // A record that was read counts, whatever became of the other.
      if (isRevoked(session, revocation ?? null, cut ?? null)) return 'revoked'
      return revocation === undefined || cut === undefined ? 'unknown' : 'valid'
    },
  }
}
