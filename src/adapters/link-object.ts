// The Durable Object of one link: what happens to it happens here, one step at a time.
// Consistency: strong; nothing is awaited between reading and writing. Durability: SQLite. It forgets itself 30
// days after the link's end. Objects of ids that nobody made hold nothing and store nothing.
import { DurableObject } from 'cloudflare:workers'
import type { LinkChange } from '../core/link/change.ts'
import { askPlace } from '../core/link/places.ts'
import {
  type LinkRecord,
  type PlaceAsk,
  type PlaceState,
  type Taking,
  toPurgeSeconds,
} from '../core/link/record.ts'
import * as steps from '../core/link/tally.ts'

export class Links extends DurableObject<Env> {
  /**
   * JSON of a StoredLink: the types of calls between objects do not go as deep as claims may. A minted link
   * brings its record along.
   */
  read(minted?: LinkRecord): string | null {
    const tally = this.#tallyOf(minted)
    return tally === undefined ? null : JSON.stringify(tally)
  }

  /** Begins it, or leaves it as it is: what has begun here goes before what KV remembers. */
  create(record: LinkRecord): void {
    if (this.#load() === undefined) this.#save(steps.newTally(record))
  }

  /** JSON of the StoredLink that came of it. `record` is what KV remembers, for a link that begins here with this. */
  change(record: LinkRecord, change: LinkChange): string {
    const tally = steps.change(this.#load() ?? steps.newTally(record), change)
    this.#save(tally)
    return JSON.stringify(tally)
  }

  revoke(record: LinkRecord): void {
    this.#save(steps.revoke(this.#load() ?? steps.newTally(record), Date.now()))
  }

  take(network: string | null, isRepeat = false, minted?: LinkRecord): Taking {
    const tally = this.#tallyOf(minted)
    if (tally === undefined) return { state: 'revoked', isFresh: false }
    const { tally: next, state, isFresh } = steps.take(tally, network, Date.now(), isRepeat)
    if (next !== tally) this.#save(next)
    return { state, isFresh }
  }

  place(ask: PlaceAsk, minted?: LinkRecord): PlaceState {
    const tally = this.#tallyOf(minted)
    if (tally === undefined) return 'revoked'
    const { tally: next, state } = askPlace(tally, ask, Date.now())
    if (next !== tally) this.#save(next)
    return state
  }

  attempt(): number {
    const tally = this.#load()
    if (tally === undefined) return 0
    const { tally: next, waitS } = steps.attempt(tally, Date.now())
    if (next !== tally) this.#save(next)
    return waitS
  }

  forgive(): void {
    const tally = this.#load()
    if (tally !== undefined) this.#save(steps.forgive(tally))
  }

  override async alarm(): Promise<void> {
    await this.ctx.storage.deleteAll()
  }

  #tallyOf(minted?: LinkRecord): steps.Tally | undefined {
    const known = this.#load()
    if (minted === undefined) return known
    const tally = steps.ofToken(known, minted)
    // Nothing is stored of a token that was only looked at; but a later one keeps the count for longer.
    if (known !== undefined && known.lastTokenSeconds !== tally.lastTokenSeconds) this.#save(tally)
    return tally
  }

  #load(): steps.Tally | undefined {
    return this.ctx.storage.kv.get<steps.Tally>('link')
  }

  #save(tally: steps.Tally): void {
    this.ctx.storage.kv.put('link', tally)
    void this.ctx.storage.setAlarm(toPurgeSeconds(steps.endOf(tally)) * 1000)
  }
}
