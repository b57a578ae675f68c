// Prefix templates such as `users/${sub}/`: literal segments and claims, one whole segment each.
import { err, ok, type Result } from '../result.ts'
import type { Session } from '../token/session.ts'
import { type KeyPrefix, parseKeyPrefix, parseObjectKey, toStoredKey } from './key.ts'

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'claim'; readonly name: string }

export interface PrefixTemplate {
  readonly segments: readonly Segment[]
  /** The literal segments before the first claim, each with its "/": what an index can look up. */
  readonly head: string
}

const SEGMENT = /(?:\$\{([^{}]*)\}|([^/$]*))\//y

/** Reads a template; the error says what is wrong with it. */
export function parsePrefixTemplate(text: string): Result<PrefixTemplate, string> {
  const segments: Segment[] = []
  SEGMENT.lastIndex = 0
  while (SEGMENT.lastIndex < text.length) {
    const match = SEGMENT.exec(text)
    if (match === null)
      return err(
        'is neither "" nor segments that each end in "/"; a claim ${…} must be a whole segment',
      )
    const [, claim, literal = ''] = match
    if (claim !== undefined) {
      if (!/^[\x21-\x7e]{1,200}$/.test(claim)) return err('has an empty or malformed ${claim}')
      segments.push({ kind: 'claim', name: claim })
    } else {
      const segment = parseObjectKey(literal)
      if (!segment.ok) return err(segment.error)
      segments.push({ kind: 'literal', text: literal })
    }
  }
  const firstClaim = segments.findIndex((segment) => segment.kind === 'claim')
  const literals = firstClaim === -1 ? segments : segments.slice(0, firstClaim)
  return ok({
    segments,
    head: literals
      .map((segment) => (segment.kind === 'literal' ? `${segment.text}/` : ''))
      .join(''),
  })
}

/** The text of a claim as a key segment; null unless it is a non-empty single segment, which the store keeps as it is. */
function toSegment(session: Session, name: string, foldsToNfc: boolean): string | null {
  const value =
    name === 'sub'
      ? session.subject
      : Object.hasOwn(session.claims, name)
        ? session.claims[name]
        : null
  const text = Number.isSafeInteger(value) ? String(value) : value
  if (typeof text !== 'string' || text.includes('/')) return null
  // Folded, two subjects that differ only in their Unicode form would share one prefix.
  if (foldsToNfc && text !== text.normalize('NFC')) return null
  // "", ".", ".." and control characters would move the prefix or widen it to its parent.
  return parseObjectKey(text).ok ? text : null
}

/**
 * The prefix for this session in the form under which the store keeps keys, or null when a claim is missing or
 * is not one key segment.
 */
export function resolvePrefix(
  template: PrefixTemplate,
  session: Session,
  foldsToNfc: boolean,
): KeyPrefix | null {
  let prefix = ''
  for (const segment of template.segments) {
    const text =
      segment.kind === 'literal' ? segment.text : toSegment(session, segment.name, foldsToNfc)
    if (text === null) return null
    prefix += `${text}/`
  }
  const parsed = parseKeyPrefix(prefix)
  return parsed.ok ? toStoredKey(parsed.value, foldsToNfc) : null
}
