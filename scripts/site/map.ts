// The order of the documentation: sections, and the pages in each. A document that no section names ends the last but one.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

export const docs = join(import.meta.dirname, '../../docs')

interface Section {
  readonly title: string
  /** Names below docs/, without `.md`. */
  readonly pages: readonly string[]
}

/** Pages that are made of data, not of a document. */
export const MADE = ['api', 'errors']

const ORDER: readonly Section[] = [
  { title: 'Start', pages: ['index', 'quick-start', 'deploy'] },
  {
    title: 'Concepts',
    pages: ['concepts', 'signing', 'limits', 'limits-exact', 'credentials', 'security'],
  },
  {
    title: 'Recipes',
    pages: ['recipes', 'console', 'uploads', 'downloads', 'links', 'client', 'uppy'],
  },
  { title: 'Reference', pages: ['api', 'errors', 'configuration', 'cli', 'providers'] },
  {
    title: 'Operate',
    pages: ['operations', 'performance', 'reliability', 'fuzzing', 'mutation', 'architecture'],
  },
]

/** Names of all documents, those in folders as `folder/name`. */
const listDocuments = (): string[] =>
  readdirSync(docs, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.slice(0, -'.md'.length))
    .toSorted()

/** The sections with the pages that exist. */
export function listSections(): Section[] {
  const existing = new Set([...listDocuments(), ...MADE])
  const placed = new Set(ORDER.flatMap(({ pages }) => pages))
  const others = [...existing].filter((name) => !placed.has(name))
  const decisions = others.filter((name) => name.startsWith('decisions/'))
  const loose = others.filter((name) => !name.startsWith('decisions/'))
  const sections = ORDER.map(({ title, pages }) => ({
    title,
    pages: pages.filter((name) => existing.has(name)).concat(title === 'Reference' ? loose : []),
  }))
  return [...sections, { title: 'Decisions', pages: decisions }]
}

/** Where a page is served. */
export const toPath = (name: string): string => `/docs/${name === 'index' ? '' : name}`
