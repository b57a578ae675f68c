// What one isolate knows of one subject in one window: its own counts, and what its peers published.
import type { Pub } from './policy.ts'

interface Peer {
  readonly pub: Pub
  /** When the slot it published had closed. */
  readonly closedAtMs: number
}

export interface SubjectState {
  window: number
  arrivals: number
  admitted: number
  /** Arrivals of the slot that is open. */
  slot: number
  slotArrivals: number
  /** Slots of this window that are published or on their way: no key is ever written twice. */
  readonly published: Set<number>
  readonly peers: Map<string, Peer>
}

export function newSubject(window: number): SubjectState {
  return {
    window,
    arrivals: 0,
    admitted: 0,
    slot: -1,
    slotArrivals: 0,
    published: new Set(),
    peers: new Map(),
  }
}

/** Peers' admissions so far: published ones, carried on at their rate for at most the horizon. */
export function estimatePeers(state: SubjectState, nowMs: number, horizonMs: number): number {
  let sum = 0
  for (const { pub, closedAtMs } of state.peers.values()) {
    // A short horizon keeps an honest burst from being read as a flood.
    sum += pub.u + (pub.r * Math.min(Math.max(0, nowMs - closedAtMs), horizonMs)) / 1000
  }
  return sum
}
