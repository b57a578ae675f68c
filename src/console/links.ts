// <postern-links>: the links that one has made: what each opens, its state, its opens, and what can be changed.
import type { LinkAnswer } from '../contract/link.ts'
import type { App } from './app.ts'
import { button, define, h, icon, put } from './dom.ts'
import { toCount } from './format.ts'
import { createLinkRow } from './link-row.ts'
import { attempt, toNotice } from './problem.ts'
import { say } from './say.ts'

export const createLinks = define<App>('postern-links', (host, app, over) => {
  let links: LinkAnswer[] = []
  let cursor: string | undefined
  const list = h('ul', { class: 'links' })
  const [trouble, foot] = [h('div'), h('div', { class: 'foot' })]

  function show(): void {
    put(list, ...links.map((link) => createLinkRow(app, link, replace)))
    put(
      foot,
      links.length === 0 &&
        h(
          'div',
          { class: 'empty' },
          icon('i-link'),
          h('p', {}, h('strong', {}, 'No links yet')),
          h(
            'p',
            { class: 'hint' },
            'Share a file and its link is listed here, with how often it was opened, until a month after its end.',
          ),
        ),
      cursor !== undefined && button('Load more', () => void attempt(trouble, () => load(cursor))),
    )
  }

  /** A changed link in its place, with the focus where it was. */
  function replace(changed: LinkAnswer): void {
    links = links.map((link) => (link.id === changed.id ? changed : link))
    const at = links.findIndex(({ id }) => id === changed.id)
    const row = createLinkRow(app, changed, replace)
    list.children[at]?.replaceWith(row)
    row.querySelector('button')?.focus()
  }

  async function load(from?: string): Promise<void> {
    host.setAttribute('aria-busy', 'true')
    try {
      const answer = await app.client.links.list(from === undefined ? {} : { cursor: from })
      if (over.aborted) return
      links = from === undefined ? answer.links : [...links, ...answer.links]
      cursor = answer.cursor
      show()
      say(toCount(links.length, 'link', 'links'))
    } finally {
      host.removeAttribute('aria-busy')
    }
  }
  function reload(): void {
    put(trouble)
    load().catch((error: unknown) => put(trouble, toNotice(error, reload)))
  }
  put(
    host,
    h(
      'header',
      { class: 'head' },
      h('div', { class: 'title' }, h('h1', { tabindex: -1 }, 'My links')),
      h('div', { class: 'tools' }, button('Reload', reload, '', 'i-retry')),
    ),
    trouble,
    list,
    foot,
  )
  reload()
})
