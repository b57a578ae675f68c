// Text as bytes of UTF-8, by one encoder.
const encoder = new TextEncoder()

export function toBytes(text: string): ReturnType<TextEncoder['encode']> {
  return encoder.encode(text)
}

/** What half of the formats hash, sign or are named by. */
export function hashText(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest('SHA-256', toBytes(text))
}
