// What happens to one link, as plain state and pure steps: openings, guesses, networks, freezing, revocation.
import { ATTEMPT_WINDOW_MS, MAX_ATTEMPTS } from './password.ts'
import { type LinkRecord, type LinkState, stateOf, type StoredLink } from './record.ts'

export interface Tally extends StoredLink {
  readonly attempts: number
  readonly attemptsSinceMs: number
  /** Networks that opened it, with when they last did. */
  readonly networks: readonly (readonly [network: string, atMs: number])[]
  /** When it was used up or revoked; null while it goes on. */
  readonly endedMs: number | null
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

/** An end of its own, or its expiry. */
export function endOf({ record, endedMs }: Tally): number {
  return Math.min(record.expiresAtSeconds, (endedMs ?? Infinity) / 1000)
}

/** Takes one opening, or tells the state that stands against it. A tripwire counts networks first. */
export function take(
  tally: Tally,
  network: string | null,
  nowMs: number,
): { readonly tally: Tally; readonly state: LinkState; readonly isFresh: boolean } {
  const state = stateOf(tally, nowMs)
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
  const taken = { ...tally, networks, used: tally.used + 1 }
  const isLast = stateOf(taken, nowMs) === 'spent'
  return { tally: isLast ? { ...taken, endedMs: nowMs } : taken, state, isFresh: false }
}

/** Other terms, the same history. */
export function change(tally: Tally, record: LinkRecord, frozen = tally.frozen): Tally {
  return { ...tally, record, frozen, endedMs: tally.revoked ? tally.endedMs : null }
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
