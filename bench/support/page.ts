// Puts what a bench has measured into a document, between its marks.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const docs = join(import.meta.dirname, '../../docs')

export function writeSection(name: string, mark: string, text: string): void {
  const file = join(docs, name)
  const [start, end] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`]
  const page = readFileSync(file, 'utf8')
  const [from, to] = [page.indexOf(start), page.indexOf(end)]
  if (from === -1 || to < from) throw new Error(`${name} has no marks ${mark}`)
  writeFileSync(file, `${page.slice(0, from + start.length)}\n${text}\n${page.slice(to)}`)
}
