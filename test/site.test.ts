// The documentation as it is built: every link leads to a page and a place, nothing comes from elsewhere, no script.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ERRORS } from '../src/contract/errors.ts'

const assets = join(import.meta.dirname, '../dist/assets')
const files = readdirSync(join(assets, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.html'))
  .map((name) => `docs/${name}`)
const pages = new Map(files.map((file) => [file, readFileSync(join(assets, file), 'utf8')]))
const idsOf = (html: string): string[] =>
  [...html.matchAll(/ id="([^"]*)"/g)].map(([, id = '']) => id)

/** The file behind a path, as assets are served: a folder's index, a page without its ending, or a file. */
function toFile(path: string): string | undefined {
  const name = path.replace(/^\//, '')
  const candidates =
    name === '' || name.endsWith('/') ? [`${name}index.html`] : [`${name}.html`, name]
  return candidates.find((file) => existsSync(join(assets, file)))
}

test('there are pages', () => {
  expect(files).toEqual(
    expect.arrayContaining(['docs/index.html', 'docs/errors.html', 'docs/api.html']),
  )
  expect(files.length).toBeGreaterThan(15)
})

test.each(files)('%s', (file) => {
  const html = pages.get(file) ?? ''
  const ids = idsOf(html)
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([])
  expect(html.match(/<h1[ >]/g)).toHaveLength(1)
  expect(html).toMatch(/<html lang="en">[^]*<title>[^<]+<\/title>/)
  // What the page's policy would not load anyway.
  expect(html).not.toMatch(/<(?:script|iframe|object|embed|form|base|style)\b| style=| on\w+="/i)
  const sources = [...html.matchAll(/<(?:img|link)\b[^>]* (?:src|href)="([^"]*)"/g)]
  for (const [, source = ''] of sources) {
    expect(source).toMatch(/^\/(?!\/)/)
    expect(toFile(source)).toBeDefined()
  }
  const broken = [...html.matchAll(/<a\b[^>]* href="([^"]*)"/g)].flatMap(([, href = '']) => {
    if (href.startsWith('https://') || href.startsWith('http://localhost')) return []
    const [path = '', anchor] = href.replaceAll('&#38;', '&').split('#', 2)
    const target = path === '' ? file : toFile(path)
    if (target === undefined) return [href]
    const isThere = anchor === undefined || idsOf(pages.get(target) ?? '').includes(anchor)
    return isThere ? [] : [href]
  })
  expect(broken).toEqual([])
})

test('the `type` of every problem leads to its place', () => {
  const ids = idsOf(pages.get('docs/errors.html') ?? '')
  expect(Object.keys(ERRORS).filter((code) => !ids.includes(code))).toEqual([])
})
