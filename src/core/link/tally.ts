// What happens to one link, as plain state and pure steps: openings, guesses, networks, freezing, revocation.
import { changeRecord, type LinkChange } from './change.ts'
import { ATTEMPT_WINDOW_MS, MAX_ATTEMPTS } from './password.ts'
import { type LinkRecord, stateOf, type StoredLink, type Taking } from './record.ts'

export interface Tally extends StoredLink {
  readonly attempts: number
  readonly attemptsSinceMs: number
  /** Networks that opened it, with when they last did. */
  readonly networks: readonly (readonly [network: string, atMs: number])[]
  /** When it was used up or revoked; null while it goes on. */
  readonly endedMs: number | null
  /** Of minted links: the last end of the tokens that share this count. */
  readonly lastTokenSeconds?: number
}

export function newTally(record: LinkRecord): Tally {
  return {
    record,
    used: 0,
    frozen: false,
    revoked: false,
    attempts: 0,
    attemptsSinceMs: 0,
    networks: [],
    endedMs: null,
  }
}

/**
 * The count of a minted link, under the terms of the token that is shown: the first of its id begins it, others of
 * that id share it.
 */
export function ofToken(tally: Tally | undefined, record: LinkRecord): Tally {
  const last = Math.max(tally?.lastTokenSeconds ?? 0, record.expiresAtSeconds)
  return { ...(tally ?? newTally(record)), record, lastTokenSeconds: last }
}

/** An end of its own, or its expiry; but a token opens again once its count is forgotten, so that waits for its end. */
export function endOf({ record, endedMs, lastTokenSeconds }: Tally): number {
  return lastTokenSeconds ?? Math.min(record.expiresAtSeconds, (endedMs ?? Infinity) / 1000)
}

/**
 * Takes one opening, or tells the state that stands against it. A tripwire counts networks first, also of who comes
 * back for what he has taken (`isRepeat`): the cookie may have been passed on.
 */
export function take(
  tally: Tally,
  network: string | null,
  nowMs: number,
  isRepeat = false,
): Taking & { readonly tally: Tally } {
  const now = stateOf(tally, nowMs)
  const state = isRepeat && now === 'spent' ? 'active' : now
  if (state !== 'active') return { tally, state, isFresh: false }
  const { tripwire } = tally.record.terms
  let { networks } = tally
  if (tripwire !== undefined && network !== null) {
    const since = nowMs - tripwire.withinMinutes * 60_000
    networks = [
      ...networks.filter(([other, at]) => other !== network && at > since),
      [network, nowMs],
    ]
    if (networks.length > tripwire.networks)
      return { tally: { ...tally, networks: [], frozen: true }, state: 'frozen', isFresh: true }
  }
  if (isRepeat) return { tally: { ...tally, networks }, state, isFresh: false }
  const taken = { ...tally, networks, used: tally.used + 1 }
  const isLast = stateOf(taken, nowMs) === 'spent'
  return { tally: isLast ? { ...taken, endedMs: nowMs } : taken, state, isFresh: false }
}

/** Other terms, the same history; what is revoked stays as it was. */
export function change(tally: Tally, wanted: LinkChange): Tally {
  if (tally.revoked) return tally
  const { frozen = tally.frozen } = wanted
  return { ...tally, record: changeRecord(tally.record, wanted), frozen, endedMs: null }
}

/** For good; a second time changes nothing. */
export function revoke(tally: Tally, nowMs: number): Tally {
  return tally.revoked ? tally : { ...tally, revoked: true, endedMs: nowMs }
}

/** Counts a guess before it is looked at, so that a thousand at once are ten. */
export function attempt(
  tally: Tally,
  nowMs: number,
): { readonly tally: Tally; readonly waitS: number } {
  const isOver = nowMs >= tally.attemptsSinceMs + ATTEMPT_WINDOW_MS
  const [attempts, attemptsSinceMs] = isOver ? [0, nowMs] : [tally.attempts, tally.attemptsSinceMs]
  if (attempts >= MAX_ATTEMPTS)
    return { tally, waitS: Math.ceil((attemptsSinceMs + ATTEMPT_WINDOW_MS - nowMs) / 1000) }
  return { tally: { ...tally, attempts: attempts + 1, attemptsSinceMs }, waitS: 0 }
}

export function forgive(tally: Tally): Tally {
  return { ...tally, attempts: Math.max(0, tally.attempts - 1) }
}
