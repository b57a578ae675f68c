// Finds marked secrets in whatever leaves the gateway: raw, hex, base64, base64url at any offset, URL-encoded.
import { expect } from 'vitest'

/** The characters of base64 that a secret alone decides, when `before` bytes stand in front of it. */
function toBase64Inside(bytes: Uint8Array, before: number): string {
  const text = btoa('\0'.repeat(before) + String.fromCharCode(...bytes))
  return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
}

function toSpellings(secret: string): string[] {
  const bytes = new TextEncoder().encode(secret)
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  const base64 = [0, 1, 2].map((before) => toBase64Inside(bytes, before))
  const base64url = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))
  return [secret, encodeURIComponent(secret), hex, hex.toUpperCase(), ...base64, ...base64url]
}

/** Asserts that none of the secrets stands in the text in any spelling. */
export function expectUntainted(text: string, secrets: readonly string[]): void {
  for (const spelling of secrets.flatMap(toSpellings)) expect(text.includes(spelling)).toBe(false)
}

/** Every spelling of a secret is longer than this. */
const HEAD = 16

/** How many of thousands of secrets stand in a long text, in any spelling: one pass over the text. */
export function countTainted(text: string, secrets: ReadonlySet<string>): number {
  const spellings = new Map<string, { readonly secret: string; readonly spelling: string }[]>()
  for (const secret of secrets) {
    if (secret.length <= HEAD) throw new Error('a secret too short to be told from other text')
    for (const spelling of toSpellings(secret)) {
      const head = spelling.slice(0, HEAD)
      spellings.set(head, [...(spellings.get(head) ?? []), { secret, spelling }])
    }
  }
  const found = new Set<string>()
  for (let at = 0; at + HEAD <= text.length; at += 1) {
    for (const { secret, spelling } of spellings.get(text.slice(at, at + HEAD)) ?? [])
      if (text.startsWith(spelling, at)) found.add(secret)
  }
  return found.size
}
