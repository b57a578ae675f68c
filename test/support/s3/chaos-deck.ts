// The mishaps of a bad line, dealt like cards: a seed decides their order, and no shuffle leaves one out.

/** What becomes of a request. */
export const MISHAPS = [
  /** The connection ends before S3 sees anything. */
  'reset before',
  /** The connection ends when half of the body is through. */
  'reset mid-body',
  /** S3 has no time for it now. */
  '503',
  /** S3 has done it, and the connection ends before it says so. */
  'answer lost',
  /** S3 has done it, and says that it failed. */
  'late 500',
] as const
export type Mishap = (typeof MISHAPS)[number]

/** Requests that go well, of each deck. */
const QUIET = 3

/** In how many decks so many requests that went well must have used up. */
export const toFullDecks = (passed: number): number => Math.max(0, Math.ceil(passed / QUIET) - 1)

export function createDeck(seed: number): () => Mishap | null {
  let state = seed
  let cards: (Mishap | null)[] = []

  /** mulberry32: the same order for the same seed. */
  function chance(): number {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  return () => {
    if (cards.length === 0) cards = [...MISHAPS, ...Array<null>(QUIET).fill(null)]
    const [card = null] = cards.splice(Math.floor(chance() * cards.length), 1)
    return card
  }
}
