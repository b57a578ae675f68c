// The frame of every documentation page: the console's bar and look, the tree of pages, no script, no other origin.
import { VERSION } from '../../src/version.ts'

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`)

/** Text as HTML; `code` in backticks becomes an element. */
export function toHtml(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>')
}

export interface TreeSection {
  readonly title: string
  readonly pages: readonly { readonly path: string; readonly title: string }[]
}

interface Page {
  readonly path: string
  readonly title: string
  readonly body: string
  readonly headings: readonly { readonly id: string; readonly html: string }[]
  readonly tree: readonly TreeSection[]
}

function toTree({ path, tree }: Page): string {
  const sections = tree.map(({ title, pages }, at) => {
    const links = pages.map((page) => {
      const isHere = page.path === path ? ' aria-current="page"' : ''
      return `<li><a href="${page.path}"${isHere}>${escapeHtml(page.title)}</a></li>`
    })
    return `<p id="tree-${at}">${title}</p><ul aria-labelledby="tree-${at}">${links.join('')}</ul>`
  })
  return `<nav class="tree" id="pages" aria-label="Documentation" tabindex="-1">${sections.join('')}</nav>`
}

/** Worth showing from three sections on. */
function toContents({ headings }: Page): string {
  if (headings.length < 3) return ''
  const links = headings.map(
    ({ id, html }) => `<li><a href="#${id}">${html.replaceAll(/<\/?a\b[^>]*>/g, '')}</a></li>`,
  )
  return `<nav class="contents" aria-labelledby="contents"><p id="contents">On this page</p><ul>${links.join('')}</ul></nav>`
}

function toNeighbours({ path, tree }: Page): string {
  const pages = tree.flatMap((section) => section.pages)
  const at = pages.findIndex((page) => page.path === path)
  const link = (page: { path: string; title: string } | undefined, rel: string, word: string) =>
    page === undefined
      ? ''
      : `<a rel="${rel}" href="${page.path}"><span>${word}</span> ${escapeHtml(page.title)}</a>`
  return `<nav class="neighbours" aria-label="Neighbouring pages">${link(pages[at - 1], 'prev', 'Before')}${link(pages[at + 1], 'next', 'Next')}</nav>`
}

export function toPage(page: Page): string {
  const suffix = page.title === 'Postern' ? '' : ' – Postern'
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(page.title)}${suffix}</title>
<link rel="icon" href="/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
<link rel="stylesheet" href="/docs.css">
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
<a class="skip" href="#pages">Skip to all pages</a>
<header class="bar">
  <a class="brand" href="/"><img src="/mark.svg" alt="" width="28" height="28"> Postern</a>
  <nav aria-label="Postern"><a href="/docs/">Docs</a> <a href="/docs/api">API</a> <a href="/docs/errors">Errors</a> <a class="to-pages" href="#pages">All pages</a></nav>
</header>
<div class="site">
<main class="docs" id="content" tabindex="-1">
${page.body}
${toNeighbours(page)}
</main>
${toContents(page)}
${toTree(page)}
</div>
<footer class="foot">Postern ${VERSION}, under the MIT licence. These pages belong to the gateway that serves them.</footer>
</body>
</html>
`
}

/** A heading without words is none for a screen reader. */
export function toCell(tag: string, html: string): string {
  const kind = html === '' ? 'td' : tag
  return `<${kind}>${html}</${kind}>`
}

export function toTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, texts: readonly string[]): string =>
    `<tr>${texts.map((text) => toCell(tag, text)).join('')}</tr>`
  return `<div class="scroll" tabindex="0"><table><thead>${cells('th', head)}</thead><tbody>${rows
    .map((row) => cells('td', row))
    .join('')}</tbody></table></div>`
}
