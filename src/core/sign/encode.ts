// Percent-encoding as Signature V4 wants it: every byte outside A-Z a-z 0-9 - . _ ~ (RFC 3986 §2.3).

function toPercent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

/** Encodes a query name or value, or one path segment. The text must be well-formed Unicode. */
export function encodeRfc3986(text: string): string {
  // encodeURIComponent leaves !'()* raw, which strict servers answer with 403.
  return encodeURIComponent(text).replace(/[!'()*]/g, toPercent)
}

/** Encodes an object key, keeping its slashes. */
export function encodeKey(key: string): string {
  return encodeRfc3986(key).replaceAll('%2F', '/')
}
