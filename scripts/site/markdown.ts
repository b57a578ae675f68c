// One document as the body of a page: headings with ids, links between documents as links between pages, no raw HTML.
import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { Marked, type Tokens } from 'marked'
import { escapeHtml, toCell } from '../assets/layout.ts'
import { highlight } from './highlight.ts'
import { docs, MADE, toPath } from './map.ts'

export interface Heading {
  readonly id: string
  readonly html: string
}

export interface Document {
  readonly title: string
  readonly body: string
  /** Of the second level, for the page's own contents. */
  readonly headings: readonly Heading[]
  /** Files beside the document that it shows, as paths below docs/. */
  readonly images: readonly string[]
}

/** As GitHub makes ids of headings, so that one link works in both places. */
function toId(text: string, used: Map<string, number>): string {
  const id = text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')
  const times = used.get(id) ?? 0
  used.set(id, times + 1)
  return times === 0 ? id : `${id}-${times}`
}

/** The address on the site of what a document links to; null when it is a file of the repository alone. */
function toAddress(href: string, folder: string): string | null {
  if (/^(?:https?:|#|\/)/.test(href)) return href
  const [path = '', anchor] = href.split('#', 2)
  const suffix = anchor === undefined ? '' : `#${anchor}`
  const target = normalize(join('docs', folder, path))
  if (target === 'README.md') return `/docs/${suffix}`
  const name = /^docs\/(.+)\.md$/.exec(target)?.[1]
  if (name !== undefined && (existsSync(join(docs, `${name}.md`)) || MADE.includes(name)))
    return toPath(name) + suffix
  return null
}

/** Images are files below docs/, served beside the pages. */
function toImage(href: string, folder: string): string {
  const target = normalize(join(folder, href))
  if (!existsSync(join(docs, target))) throw new Error(`no image ${target}`)
  return target
}

export function toDocument(name: string, markdown: string): Document {
  const folder = dirname(name)
  const headings: Heading[] = []
  const images: string[] = []
  const used = new Map<string, number>()
  let title = ''
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }: Tokens.Heading) {
        const html = this.parser.parseInline(tokens)
        if (depth === 1) {
          title = text.replaceAll('`', '')
          return `<h1>${html}</h1>\n`
        }
        const id = toId(this.parser.parseInline(tokens, this.parser.textRenderer), used)
        if (depth === 2) headings.push({ id, html })
        return `<h${depth} id="${id}">${html}</h${depth}>\n`
      },
      code({ text, lang = '' }: Tokens.Code) {
        const language = lang.split(' ', 1)[0] ?? ''
        return `<pre tabindex="0"><code>${highlight(text, language)}</code></pre>\n`
      },
      link({ href, tokens }: Tokens.Link) {
        const html = this.parser.parseInline(tokens)
        const address = toAddress(href, folder)
        return address === null ? html : `<a href="${escapeHtml(address)}">${html}</a>`
      },
      image({ href, text }: Tokens.Image) {
        const target = toImage(href, folder)
        images.push(target)
        return `<img src="/docs/${escapeHtml(target)}" alt="${escapeHtml(text)}">`
      },
      html({ text }: Tokens.HTML | Tokens.Tag) {
        return /^\s*<!--[^]*-->\s*$/.test(text) ? '' : escapeHtml(text)
      },
      table(token: Tokens.Table) {
        const cell = (tag: string, { tokens }: Tokens.TableCell): string =>
          toCell(tag, this.parser.parseInline(tokens))
        const head = token.header.map((entry) => cell('th', entry)).join('')
        const rows = token.rows.map(
          (row) => `<tr>${row.map((entry) => cell('td', entry)).join('')}</tr>`,
        )
        return `<div class="scroll" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>\n`
      },
    },
  })
  const body = marked.parse(markdown, { async: false })
  return { title, body, headings, images }
}
