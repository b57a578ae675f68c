// JSON that means one thing only: RFC 8259 with duplicate members, deep nesting and `__proto__` refused.
import { err, ok, type Result } from '../result.ts'
import type { Json } from './session.ts'

export type JsonFault = 'not_json' | 'duplicate_member' | 'too_deep'

const MAX_DEPTH = 32

/** A string, or what says where it stands, in JSON that is known to be valid; numbers and words say nothing here. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]/g

/** Looks for what JSON.parse lets through: in the last of two members, or at any depth. */
function findFault(text: string): JsonFault | null {
  const stack: (Set<string> | null)[] = []
  let previous = ''
  for (const token of text.match(TOKEN) ?? []) {
    if (token === '{' || token === '[') stack.push(token === '{' ? new Set() : null)
    else if (token === '}' || token === ']') stack.pop()
    if (stack.length > MAX_DEPTH) return 'too_deep'
    const members = stack.at(-1)
    if (members && token.startsWith('"') && (previous === '{' || previous === ',')) {
      // `"\u0061"` and `"a"` are one name: compare what they mean, not how they are written.
      const name: unknown = token.includes('\\') ? JSON.parse(token) : token.slice(1, -1)
      if (typeof name !== 'string' || members.has(name) || name === '__proto__')
        return 'duplicate_member'
      members.add(name)
    }
    previous = token
  }
  return null
}

/** Parses; two readers of one text must never see different values (RFC 8725 §2.4, RFC 7515 §4). */
export function parseStrictJson(text: string): Result<Json, JsonFault> {
  let value: Json
  try {
    // JSON.parse gives exactly the values that the type describes.
    value = JSON.parse(text) as Json
  } catch {
    return err('not_json')
  }
  const fault = findFault(text)
  return fault === null ? ok(value) : err(fault)
}
