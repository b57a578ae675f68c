// The Durable Object of one link: what happens to it happens here, one step at a time.
// Consistency: strong; nothing is awaited between reading and writing. Durability: SQLite. It forgets itself 30
// days after the link's end. Objects of ids that nobody made hold nothing and store nothing.
import { DurableObject } from 'cloudflare:workers'
import { type LinkRecord, toPurgeSeconds } from '../core/link/record.ts'
import * as steps from '../core/link/tally.ts'
import type { Taking } from '../ports.ts'

export class Links extends DurableObject<Env> {
  /** JSON of a StoredLink: the types of calls between objects do not go as deep as claims may. */
  read(): string | null {
    const tally = this.#load()
    return tally === undefined ? null : JSON.stringify(tally)
  }

  /** Begins it, or leaves it as it is: what has begun here goes before what KV remembers. */
  create(record: LinkRecord): void {
    if (this.#load() === undefined) this.#save(steps.newTally(record))
  }

  change(record: LinkRecord, frozen?: boolean): void {
    this.#save(steps.change(this.#load() ?? steps.newTally(record), record, frozen))
  }

  revoke(record: LinkRecord): void {
    this.#save(steps.revoke(this.#load() ?? steps.newTally(record), Date.now()))
  }

  take(network: string | null, minted?: LinkRecord): Taking {
    const tally = this.#load() ?? (minted && steps.newTally(minted))
    if (tally === undefined) return { state: 'revoked', isFresh: false }
    const { tally: next, state, isFresh } = steps.take(tally, network, Date.now())
    if (next !== tally) this.#save(next)
    return { state, isFresh }
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

  #load(): steps.Tally | undefined {
    return this.ctx.storage.kv.get<steps.Tally>('link')
  }

  #save(tally: steps.Tally): void {
    this.ctx.storage.kv.put('link', tally)
    void this.ctx.storage.setAlarm(toPurgeSeconds(steps.endOf(tally)) * 1000)
  }
}
