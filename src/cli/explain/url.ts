// A signed URL taken apart without decoding anything: what is signed are its bytes.

export interface UrlParts {
  readonly scheme: 'http' | 'https'
  /** In lower case, without the port. */
  readonly host: string
  /** As written; empty where none is. */
  readonly port: string
  /** As written, from the first slash. */
  readonly path: string
  /** As written, in order. */
  readonly pairs: readonly (readonly [name: string, value: string])[]
}

export function parseUrl(text: string): UrlParts | null {
  const [, scheme = '', authority = '', path = '', search = ''] =
    /^(https?):\/\/([^/?#\s]+)([^?#]*)(?:\?([^#]*))?/i.exec(text) ?? []
  if (scheme === '' || authority.includes('@')) return null
  const [, host = '', port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(authority) ?? []
  if (host === '') return null
  const pairs = search
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=')
      return equals < 0
        ? ([pair, ''] as const)
        : ([pair.slice(0, equals), pair.slice(equals + 1)] as const)
    })
  return {
    scheme: scheme.toLowerCase() === 'http' ? 'http' : 'https',
    host: host.toLowerCase(),
    port,
    path: path === '' ? '/' : path,
    pairs,
  }
}

/** Percent-decoded once as UTF-8; the text itself where it is not that. A plus sign is one. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The decoded value of a parameter by its decoded name; the first of several. */
export function findValue({ pairs }: UrlParts, name: string): string | undefined {
  const found = pairs.find(([written]) => decode(written) === name)
  return found === undefined ? undefined : decode(found[1])
}

/** The host as a client sends it: with its port, unless that is the scheme's own. */
export function toHostHeader({ scheme, host, port }: UrlParts): string {
  const isDefault = port === '' || port === (scheme === 'http' ? '80' : '443')
  return isDefault ? host : `${host}:${port}`
}
