// <postern-shell>: the frame of a session: who it is, the places that its grants lead to, its links, and the view between.
import { type App, createApp, isSame } from './app.ts'
import { button, define, h, put } from './dom.ts'
import { confirmDanger } from './dialog.ts'
import { createFolder } from './folder.ts'
import { toShortTime } from './format.ts'
import { later } from './later.ts'
import { createMenu, LINKS, markCurrent } from './menu.ts'
import { parseHash, type Place, toPlaces } from './places.ts'
import { type Signed, signOut } from './session.ts'
import { createUploads } from './uploads.ts'

interface Given {
  readonly signed: Signed
  readonly onLeft: () => void
}

function createView(app: App, places: readonly Place[], at: Place | null): HTMLElement {
  if (at === null) {
    const view = h('div')
    later(({ createLinks }) => view.append(createLinks(app)))
    return view
  }
  const root = places.find(
    ({ bucket, prefix }) => bucket === at.bucket && at.prefix.startsWith(prefix),
  )
  return createFolder({ app, place: at, root: root ?? at })
}

/** The panel comes with the first upload, or with what an earlier page has left. */
function dockUploads(app: App, place: HTMLElement, over: AbortSignal): void {
  const shown = new AbortController()
  const show = (): void => {
    if (shown.signal.aborted) return
    shown.abort()
    later(({ createUploadPanel }) => place.append(createUploadPanel(app)))
  }
  app.uploads.onChange(show, AbortSignal.any([over, shown.signal]))
  // Where the browser keeps nothing, nothing is left.
  app.client.pending().then(
    (left) => left.length > 0 && show(),
    () => {},
  )
}

export const createShell = define<Given>('postern-shell', (host, { signed, onLeft }, over) => {
  const { client, sign, session } = signed
  const uploads = createUploads(client)
  const app = createApp({ client, sign, session, uploads })
  const places = toPlaces(session.grants)
  const menu = createMenu(app, places)
  const main = h('main', { id: 'main', tabindex: -1 })
  const content = h('div', { class: 'content' }, main)
  let shown: Place | null | undefined

  const end = async (): Promise<void> => {
    await signOut(signed)
    uploads.stop()
    onLeft()
  }
  const askToEnd = (): void => {
    if (!uploads.isBusy()) return void end()
    const text = 'Uploads are under way. They stop, and go on when the same files are sent again.'
    confirmDanger('Sign out?', text, 'Sign out', end)
  }

  function route(): void {
    const first = places[0]
    const at = location.hash === LINKS ? null : (parseHash(location.hash) ?? first)
    if (at === undefined) return put(main, h('h1', {}, 'Nothing here yet'), noGrants())
    const isFirst = shown === undefined
    if (shown !== undefined && (shown === at || (shown && at && isSame(shown, at)))) return
    shown = at
    markCurrent(menu, places, at)
    put(main, createView(app, places, at))
    scrollTo(0, 0)
    // The reader's place is the new heading, as after a real navigation.
    if (!isFirst) main.querySelector<HTMLElement>('h1')?.focus()
  }

  put(
    host,
    h(
      'a',
      {
        class: 'skip',
        href: '#main',
        onclick: (event) => {
          event.preventDefault()
          main.focus()
        },
      },
      'Skip to the files',
    ),
    h(
      'header',
      { class: 'bar' },
      h(
        'a',
        { class: 'brand', href: '#' },
        h('img', { src: '/mark.svg', alt: '', width: 28, height: 28 }),
        'Postern',
      ),
      h(
        'div',
        { class: 'who' },
        h(
          'span',
          { class: 'who-name' },
          h('bdi', {}, session.sub),
          h('small', {}, `until ${toShortTime(session.expiresAt)}`),
        ),
        button('Sign out', askToEnd, 'quiet'),
      ),
    ),
    h('div', { class: 'columns' }, menu, content),
  )
  addEventListener('hashchange', route, { signal: over })
  dockUploads(app, content, over)
  route()
})

function noGrants(): HTMLElement {
  return h(
    'p',
    { class: 'lead' },
    'No grant of this gateway is for your session. Whoever runs it can give you one; the token may also lack a claim that grants ask for.',
  )
}
