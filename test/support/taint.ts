// Finds marked secrets in whatever leaves the gateway: raw, hex, base64, base64url, URL-encoded.
import { expect } from 'vitest'

function toSpellings(secret: string): string[] {
  const bytes = new TextEncoder().encode(secret)
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  const base64 = btoa(String.fromCharCode(...bytes)).replace(/=+$/, '')
  const url = base64.replaceAll('+', '-').replaceAll('/', '_')
  return [secret, encodeURIComponent(secret), hex, hex.toUpperCase(), base64, url]
}

/** Asserts that none of the secrets stands in the text in any spelling. */
export function expectUntainted(text: string, secrets: readonly string[]): void {
  for (const spelling of secrets.flatMap(toSpellings)) expect(text.includes(spelling)).toBe(false)
}
