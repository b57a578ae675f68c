// What was given to be explained, by its looks: an error of S3, a form, a policy, a signed request as JSON, or a URL.
import { type Cleaned, cleanUrl } from './clean.ts'
import { type Form, parsePolicy } from './form.ts'
import { type S3Error, parseError } from './error.ts'
import { isObject } from './json.ts'

/** What was signed, as far as it is known. */
export interface Request {
  readonly cleaned: Cleaned
  /** Given beside the URL, by a signer's JSON answer or by options. */
  readonly method: string | undefined
  readonly headers: ReadonlyMap<string, string> | undefined
}

export type Input =
  | { readonly kind: 'error'; readonly error: S3Error }
  | { readonly kind: 'form'; readonly form: Form }
  | { readonly kind: 'url'; readonly request: Request }

/** Members that are text; others of an object are not fields or headers. */
function toTexts(value: unknown): ReadonlyMap<string, string> {
  const entries = isObject(value) ? Object.entries(value) : []
  return new Map(
    entries.flatMap(([name, item]) => (typeof item === 'string' ? [[name, item]] : [])),
  )
}

/** The answer of a signer, a form's fields, or a policy. */
function parseJson(text: string): Input | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (!isObject(value)) return null
  if (value['conditions'] !== undefined)
    return { kind: 'form', form: { fields: undefined, policy: value } }
  const fields = toTexts(value['fields'] ?? (value['policy'] === undefined ? undefined : value))
  const policy = [...fields].find(([name]) => name.toLowerCase() === 'policy')?.[1]
  if (fields.size > 0) return { kind: 'form', form: { fields, policy: parsePolicy(policy ?? '') } }
  const { url, method, headers } = value
  if (typeof url !== 'string') return null
  return {
    kind: 'url',
    request: {
      cleaned: cleanUrl(url),
      method: typeof method === 'string' ? method.toUpperCase() : undefined,
      headers: headers === undefined ? undefined : toTexts(headers),
    },
  }
}

/** The first URL of a text: what stands before it, such as `curl -T a`, is not looked at. */
function parseUrlText(text: string): Input | null {
  const at = text.search(/https?(?::\/\/|%3A%2F%2F)/i)
  if (at < 0) return null
  const before = text.slice(0, at)
  // Of a command line, what stands between its quotes; of anything else, all of it.
  const quote = /(['"])$/.exec(before)?.[1]
  const end = quote === undefined ? -1 : text.indexOf(quote, at)
  const own = end < 0 ? text.slice(at) : text.slice(at, end)
  const isCommand = /\S/.test(before.replace(/['"]$/, ''))
  const cleaned = cleanUrl(isCommand || end > 0 ? own : text.trimStart())
  return { kind: 'url', request: { cleaned, method: undefined, headers: undefined } }
}

/** Null for what is nothing of these. */
export function parseInput(text: string): Input | null {
  const trimmed = text.trim()
  if (/^(?:HTTP\/|<\?xml|<Error|<\w+Error)/.test(trimmed) || /<Code>[\w.]+<\/Code>/.test(trimmed)) {
    const error = parseError(text)
    return error === null ? null : { kind: 'error', error }
  }
  if (trimmed.startsWith('{')) return parseJson(trimmed)
  if (/^[A-Za-z0-9+/=_-]{40,}$/.test(trimmed) && isObject(parsePolicy(trimmed)))
    return { kind: 'form', form: { fields: undefined, policy: parsePolicy(trimmed) } }
  return parseUrlText(text)
}
