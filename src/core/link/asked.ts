// Ranges and conditions that a client asks of a streamed object: what is malformed never reaches a store, some of which fail on
// it, so that a client's slip would read as a fault of the storage.

/** One range, of bytes, that does not end before it begins; any other is as if none was asked (RFC 9110 §14.2). */
function toRange(text: string): string | undefined {
  const range = text.replaceAll(/\d{16,}/g, '9'.repeat(15))
  const [, first, last] = /^bytes=(?:(\d+)-(\d*)|-\d+)$/.exec(range) ?? []
  if (first === undefined) return /^bytes=-\d+$/.test(range) ? range : undefined
  return last !== undefined && last !== '' && Number(last) < Number(first) ? undefined : range
}

/** A star, or entity tags (RFC 9110 §8.8.3); also bare ones, as S3's clients send them. */
const TAGS = /^(?:\*|(?:(?:W\/)?"[^"]*"|[\w-]+)(?:\s*,\s*(?:(?:W\/)?"[^"]*"|[\w-]+))*)$/

/** The value to ask the store with; undefined is as if it was not asked, null a condition that nothing fulfils. */
export function toAsked(name: string, value: string | undefined): string | undefined | null {
  if (value === undefined) return undefined
  if (name === 'range') return toRange(value)
  if (name === 'if-match') return TAGS.test(value) ? value : null
  if (name === 'if-none-match') return TAGS.test(value) ? value : undefined
  return value
}
