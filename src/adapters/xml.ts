// Reads the XML that S3 and STS answer with: elements and text; what is not well-formed gives null.
// XML 1.0 without document types, so that no entity can be defined. Attributes are checked for form and left out.

export interface XmlElement {
  readonly name: string
  readonly children: readonly XmlElement[]
  /** Of the element and everything in it. */
  readonly text: string
}

const NAME = String.raw`[A-Za-z_:][\w.:-]*`
const TOKEN = new RegExp(
  String.raw`<!--(?:(?!--)[^])*-->|<\?${NAME}(?:\s[^]*?)?\?>|<!\[CDATA\[([^]*?)\]\]>|</(${NAME})\s*>|<(${NAME})(?:\s+${NAME}\s*=\s*(?:"[^<&"]*"|'[^<&']*'))*\s*(/?)>|([^<]+)`,
  'y',
)
/** XML 1.0 §2.2, Char: everything else must not stand in a document. */
// oxlint-disable-next-line no-control-regex -- these are the characters that are refused
const NO_CHAR = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/
const ENTITIES = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])

/** Text with its references resolved; null for one that is unknown or names no character. */
function decode(text: string): string | null {
  let isGood = !text.includes(']]>')
  const decoded = text.replace(/&(?:#(\d+)|#x([\da-fA-F]+)|(\w+))?;?/g, (all, dec, hex, name) => {
    const code = Number(dec ?? `0x${hex}`)
    const isNumber = dec !== undefined || hex !== undefined
    const char = isNumber && code <= 0x10ffff ? String.fromCodePoint(code) : ENTITIES.get(name)
    if (char === undefined || !all.endsWith(';') || NO_CHAR.test(char) || !char.isWellFormed())
      isGood = false
    return char ?? ''
  })
  return isGood ? decoded : null
}

interface Open {
  readonly name: string
  readonly children: XmlElement[]
  text: string
}

export function parseXml(source: string): XmlElement | null {
  const text = source.replace(/\r\n?/g, '\n')
  if (NO_CHAR.test(text)) return null
  const root: Open = { name: '', children: [], text: '' }
  const open: Open[] = [root]
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length;) {
    const match = TOKEN.exec(text)
    const top = open.at(-1)
    if (match === null || top === undefined) return null
    const [, data, end, start, isEmpty, words] = match
    const more = words === undefined ? (data ?? '') : decode(words)
    // Outside of the root only white space may stand.
    if (more === null || (top === root && (data !== undefined || more.trim() !== ''))) return null
    top.text += more
    if (start !== undefined) {
      if (top === root && root.children.length > 0) return null
      const element: Open = { name: start, children: [], text: '' }
      top.children.push(element)
      if (isEmpty === '') open.push(element)
    }
    if (end !== undefined) {
      open.pop()
      const parent = open.at(-1)
      if (top.name !== end || parent === undefined) return null
      parent.text += top.text
    }
  }
  return open.length === 1 ? (root.children[0] ?? null) : null
}
