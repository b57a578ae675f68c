// Texts that several configuration variables share: names, names of secrets, picks from a list.
import * as v from 'valibot'

export const name = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, 'expected 1 to 63 of A-Z a-z 0-9 _ -'),
)
export const secretName = v.pipe(
  v.string(),
  v.regex(/^[A-Z][A-Z0-9_]*$/, 'expected the NAME of a secret, such as "SESSION_SECRET"'),
)
export const text = v.pipe(v.string(), v.nonEmpty('expected non-empty text'))
/** A list of words from a fixed set. */
export const listOf = <const T extends readonly string[]>(allowed: T) =>
  v.array(v.picklist(allowed, `expected one of ${allowed.join(', ')}`))
