// URLs in configuration: which are acceptable as public base, browser origin and S3 endpoint.

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/** An https URL without credentials, query and fragment; plain http only on this machine. */
export function parseBaseUrl(text: string): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || url.username !== '' || url.password !== '') return null
  if (url.search !== '' || url.hash !== '' || /[?#]/.test(text)) return null
  const isLocal = url.protocol === 'http:' && LOOPBACK.has(url.hostname)
  return url.protocol === 'https:' || isLocal ? url : null
}

/** Whether the text is exactly an origin as browsers send it: scheme, host, port, no slash, no wildcard. */
export function isExactOrigin(text: string): boolean {
  const url = parseBaseUrl(text)
  return url !== null && !text.includes('*') && url.origin === text
}
