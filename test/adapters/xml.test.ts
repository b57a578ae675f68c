// Our reading of XML beside @rgrove/parse-xml's, on documents as S3 writes them and on broken ones.
import { parseXml as parseReference } from '@rgrove/parse-xml'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseXml, type XmlElement } from '../../src/adapters/xml.ts'

interface Node {
  readonly name: string
  readonly text: string
  readonly children: readonly Node[]
}

function toNode({ name, text, children }: XmlElement): Node {
  return { name, text, children: children.map(toNode) }
}

function reference(source: string): Node | null {
  // Elements alone have children; the reference's other nodes have none.
  const walk = (element: { name: string; text: string; children: readonly object[] }): Node => ({
    name: element.name,
    text: element.text,
    children: element.children.flatMap((child) =>
      'children' in child ? [walk(child as typeof element)] : [],
    ),
  })
  try {
    const { root } = parseReference(source)
    return root === null ? null : walk(root)
  } catch {
    return null
  }
}

function ours(source: string): Node | null {
  const root = parseXml(source)
  return root === null ? null : toNode(root)
}

const word = fc.constantFrom('a', 'Key', 'ETag', 's3:Code', 'b-1')
const text = fc.constantFrom(
  'x',
  '&amp;&lt;&gt;&quot;&apos;',
  '&#34;&#x41;&#x1F600;',
  ' \r\n\t',
  '<![CDATA[<raw> & ]]>',
  '<!-- a - b -->',
  '<?pi x?>',
  'ключ',
  ']',
)
const broken = fc.constantFrom(
  '&',
  '&x;',
  '&#0;',
  '&#xD800;',
  '<',
  '>',
  ']]>',
  '<a',
  '</b>',
  '\u0001',
  '--',
)
const { element } = fc.letrec<{ element: string; part: string }>((tie) => ({
  element: fc
    .tuple(word, fc.boolean(), fc.array(tie('part'), { maxLength: 4 }))
    .map(([name, isPlain, parts]) =>
      parts.length === 0
        ? `<${name}/>`
        : `<${name}${isPlain ? '' : ` xmlns="http://x/" b='1'`}>${parts.join('')}</${name} >`,
    ),
  part: fc.oneof({ depthSize: 'small' }, text, tie('element')),
}))

test('well-formed documents read as the reference reads them', () => {
  fc.assert(
    fc.property(element, fc.boolean(), (source, isDeclared) => {
      const document = isDeclared ? `<?xml version="1.0" encoding="UTF-8"?>\n${source}\n` : source
      expect(ours(document)).toEqual(reference(document))
      expect(ours(document)).not.toBeNull()
    }),
    { numRuns: 500 },
  )
})

test('what the reference refuses is refused', () => {
  fc.assert(
    fc.property(element, broken, fc.nat(), (source, piece, at) => {
      const cut = at % (source.length + 1)
      const document = source.slice(0, cut) + piece + source.slice(cut)
      if (reference(document) === null) expect(ours(document)).toBeNull()
    }),
    { numRuns: 2000 },
  )
})

test.each([
  ['', null],
  ['  ', null],
  ['<a>', null],
  ['<a></b>', null],
  ['<a/><b/>', null],
  ['x<a/>', null],
  ['<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', null],
  ['<a><b>1</b><b>2</b></a>', 'a:12'],
])('%j', (source, expected) => {
  const root = ours(source)
  expect(root && `${root.name}:${root.text}`).toBe(expected)
})
