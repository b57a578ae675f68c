// A strict parser of Structured Field Lists of Strings with parameters (RFC 9651 §4.2), for what our limits answer.

export type BareItem = number | string | Uint8Array
export interface Item {
  readonly value: string
  readonly params: ReadonlyMap<string, BareItem>
}

const KEY = /[a-z*][a-z0-9_\-.*]*/y
const INTEGER = /-?\d{1,15}(?![\d.])/y
const STRING = /"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"/y
const BYTES = /:([A-Za-z0-9+/]*={0,2}):/y
const OWS = /[ \t]*/y

/** The items of a field; throws on anything that RFC 9651 does not allow. */
export function parseStringList(field: string): Item[] {
  let at = 0
  function take(pattern: RegExp): RegExpExecArray {
    pattern.lastIndex = at
    const match = pattern.exec(field)
    if (match === null) throw new Error(`expected ${pattern.source} at ${at} of ${field}`)
    at = pattern.lastIndex
    return match
  }
  const takeString = (): string => (take(STRING)[1] ?? '').replaceAll(/\\(["\\])/g, '$1')
  function takeBare(): BareItem {
    if (field[at] === '"') return takeString()
    if (field[at] === ':')
      return Uint8Array.from(atob(take(BYTES)[1] ?? ''), (byte) => byte.charCodeAt(0))
    return Number(take(INTEGER)[0])
  }
  const items: Item[] = []
  for (;;) {
    const value = takeString()
    const params = new Map<string, BareItem>()
    while (field[at] === ';') {
      at += 1
      take(/ */y)
      const [key] = take(KEY)
      if (params.has(key)) throw new Error(`${key} stands twice in ${field}`)
      take(/=/y)
      params.set(key, takeBare())
    }
    items.push({ value, params })
    take(OWS)
    if (at === field.length) return items
    take(/,/y)
    take(OWS)
  }
}
