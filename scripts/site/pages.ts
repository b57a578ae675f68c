// All pages below /docs: the documents and what is made of data, each in the frame with the whole tree.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { toApiBody } from '../assets/api-page.ts'
import { toErrorsBody } from '../assets/errors-page.ts'
import { escapeHtml, toPage, type TreeSection } from '../assets/layout.ts'
import { docs, listSections, toPath } from './map.ts'
import { type Document, toDocument } from './markdown.ts'

export interface Site {
  /** HTML by file name below docs/. */
  readonly pages: ReadonlyMap<string, string>
  /** Files to copy, below docs/. */
  readonly images: readonly string[]
}

/** The made pages are too long for a list of their headings; they bring one of their own. */
const MADE: { readonly [name: string]: () => Document } = {
  api: () => ({ title: 'API', body: toApiBody(), headings: [], images: [] }),
  errors: () => ({ title: 'Errors', body: toErrorsBody(), headings: [], images: [] }),
}

const read = (name: string): Document =>
  MADE[name]?.() ?? toDocument(name, readFileSync(join(docs, `${name}.md`), 'utf8'))

/** The first page ends with the way to all others. */
function toOverview(tree: readonly TreeSection[]): string {
  const sections = tree.map(({ title, pages }) => {
    const links = pages.map(
      ({ path, title: name }) => `<li><a href="${path}">${escapeHtml(name)}</a></li>`,
    )
    return `<section class="card"><h3>${title}</h3><ul>${links.join('')}</ul></section>`
  })
  return `<h2 id="all-pages">All pages</h2>\n<div class="cards">${sections.join('')}</div>`
}

export function buildSite(): Site {
  const sections = listSections()
  const documents = new Map(
    sections.flatMap(({ pages }) => pages).map((name) => [name, read(name)]),
  )
  const tree = sections.map(({ title, pages }) => ({
    title,
    pages: pages.map((name) => ({ path: toPath(name), title: documents.get(name)?.title ?? name })),
  }))
  const pages = [...documents].map(([name, { title, body, headings }]): [string, string] => {
    const full = name === 'index' ? body + toOverview(tree) : body
    return [`${name}.html`, toPage({ path: toPath(name), title, body: full, headings, tree })]
  })
  return {
    pages: new Map(pages),
    images: [...documents.values()].flatMap(({ images }) => images),
  }
}
