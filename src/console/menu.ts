// The list at the side: the places that the grants lead to, one's links, help; on a narrow window behind a button.
import type { App } from './app.ts'
import { h, icon, iconButton, newId } from './dom.ts'
import { type Place, toHash, toPlaceName } from './places.ts'

export const LINKS = '#links'

function toMenuItem(hash: string, picture: string, name: string, detail = ''): HTMLElement {
  return h(
    'li',
    {},
    h(
      'a',
      { href: hash },
      icon(picture),
      h('span', {}, h('bdi', {}, name), detail !== '' && h('small', {}, detail)),
    ),
  )
}

export function createMenu({ session }: App, places: readonly Place[]): HTMLElement {
  const id = newId()
  const canShare = session.grants.some(({ allow }) => allow.includes('share'))
  const list = h(
    'div',
    { id, class: 'menu-body' },
    h('h2', {}, 'Places'),
    h(
      'ul',
      {},
      ...places.map((place) => {
        const detail = place.prefix === '' ? 'whole bucket' : place.bucket
        return toMenuItem(toHash(place), 'i-folder', toPlaceName(place), detail)
      }),
    ),
    canShare && h('h2', {}, 'Shared'),
    canShare && h('ul', {}, toMenuItem(LINKS, 'i-link', 'My links')),
    h('h2', {}, 'Help'),
    h('ul', {}, toMenuItem('/docs/', 'i-text', 'Documentation')),
  )
  const toggle = iconButton('Places and links', 'i-menu', () => {
    const isOpen = list.classList.toggle('open')
    toggle.setAttribute('aria-expanded', String(isOpen))
  })
  toggle.setAttribute('aria-expanded', 'false')
  toggle.setAttribute('aria-controls', id)
  list.addEventListener('click', () => {
    list.classList.remove('open')
    toggle.setAttribute('aria-expanded', 'false')
  })
  return h('nav', { class: 'menu', 'aria-label': 'Places and links' }, toggle, list)
}

/** Null is the list of links. */
export function markCurrent(menu: HTMLElement, places: readonly Place[], at: Place | null): void {
  const isIn = (place: Place): boolean =>
    at !== null && place.bucket === at.bucket && at.prefix.startsWith(place.prefix)
  const current = at === null ? LINKS : places.filter(isIn).map(toHash).pop()
  for (const link of menu.querySelectorAll('a')) {
    if (link.getAttribute('href') === current) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
}
