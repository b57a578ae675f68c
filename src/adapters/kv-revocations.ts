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

  /** The record of these two; its name, a hash, is made only when it is not remembered. */
  async function read(toName: typeof toCutName, issuer: string, whose: string) {
    const id = JSON.stringify([toName === toCutName, issuer, whose])
    const known = memory.get(id)
    if (known !== undefined && known.untilMs > clock.now()) return known.text
    const asked = kv.get(await toName(issuer, whose), { cacheTtl: KV_CACHE_SECONDS })
    const text = await inTime(clock, TIMEOUT_MS, asked)
    if (memory.size >= MAX_REMEMBERED) memory.clear()
    memory.set(id, { text, untilMs: clock.now() + MEMORY_MS })
    return text
  }

  /** Undefined when nobody can know. */
  const tryRead = (...of: Parameters<typeof read>) => read(...of).catch(() => undefined)

  return {
    async judge(session) {
      const { issuer, subject, tokenId } = session
      const [revocation, cut] = await Promise.all([
        tokenId === undefined ? null : tryRead(toRevocationName, issuer, tokenId),
        tryRead(toCutName, issuer, subject),
      ])
      // A record that was read counts, whatever became of the other.
      if (isRevoked(session, revocation ?? null, cut ?? null)) return 'revoked'
      return revocation === undefined || cut === undefined ? 'unknown' : 'valid'
    },
  }
}
