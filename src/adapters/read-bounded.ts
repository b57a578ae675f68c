// Reads the body of an answer as strict UTF-8, but no more than it has any reason to hold.

/** The text, or null as soon as it is longer; throws when it is not UTF-8, or the connection breaks. */
export async function readBounded(response: Response, maxBytes: number): Promise<string | null> {
  let [text, bytes] = ['', 0]
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > maxBytes) return null
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
