// The head of a folder: the way to it, and what the grants allow here.
import type { App } from './app.ts'
import { button, type Child, h, icon, iconButton } from './dom.ts'
import { later } from './later.ts'
import { type Place, toHash, toName, toPlaceName } from './places.ts'

interface Given {
  readonly app: App
  readonly place: Place
  readonly root: Place
  readonly take: (files: FileList) => void
  /** Null where there is nothing to list. */
  readonly reload: (() => void) | null
}

/** From the granted prefix down to the folder before this one. */
function toWay({ bucket, prefix }: Place, root: Place): Place[] {
  const names = prefix.slice(root.prefix.length).split('/').slice(0, -1)
  const deeper = names.map(
    (_, at) =>
      root.prefix +
      names
        .slice(0, at + 1)
        .map((name) => `${name}/`)
        .join(''),
  )
  return [root.prefix, ...deeper].map((one) => ({ bucket, prefix: one }))
}

function createWay(place: Place, root: Place): HTMLElement {
  const way = toWay(place, root)
  const parents = way.slice(0, -1)
  return h(
    'nav',
    { 'aria-label': 'Path', class: 'way' },
    h(
      'ol',
      {},
      ...parents.map((one, at) => {
        const name = at === 0 ? toPlaceName(one) : toName(one.prefix)
        return h('li', {}, h('a', { href: toHash(one) }, h('bdi', {}, name)))
      }),
    ),
  )
}

function createPicker(take: Given['take'], isFolder: boolean): HTMLInputElement {
  const input = h('input', {
    type: 'file',
    multiple: true,
    webkitdirectory: isFolder,
    hidden: true,
    class: isFolder ? 'pick-folder' : 'pick-files',
    onchange: () => {
      if (input.files !== null) take(input.files)
      input.value = ''
    },
  })
  return input
}

/** What is rarely wanted, behind one button; it closes when something else is pressed or by Escape. */
function createMore(children: readonly Child[]): HTMLElement {
  const summary = h('summary', { class: 'button' }, 'More', icon('i-fold'))
  const more = h('details', { class: 'more' }, summary, h('div', {}, ...children))
  more.addEventListener('click', ({ target }) => {
    if (target instanceof Element && target.closest('button')) more.open = false
  })
  more.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape' || !more.open) return
    more.open = false
    summary.focus()
  })
  more.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !more.contains(relatedTarget)) more.open = false
  })
  return more
}

export function createFolderHead({ app, place, root, take, reload }: Given): HTMLElement {
  const { bucket, prefix } = place
  const may = (action: string): boolean => app.can(action, bucket, prefix)
  const [files, folder] = [createPicker(take, false), createPicker(take, true)]
  const isRoot = prefix === root.prefix
  const rare = [
    may('share') &&
      prefix !== '' &&
      button(
        'Share this folder',
        () => later(({ openShare }) => openShare(app, { bucket, prefix })),
        'quiet',
        'i-share',
      ),
    may('share') &&
      may('upload') &&
      button(
        'Request files',
        () => later(({ openRequest }) => openRequest(app, place)),
        'quiet',
        'i-request',
      ),
    may('write') &&
      button(
        'Upload with curl',
        () => later(({ openCurl }) => openCurl(app, place)),
        'quiet',
        'i-terminal',
      ),
  ].filter((child) => child !== false)
  return h(
    'header',
    { class: 'head' },
    h(
      'div',
      { class: 'title' },
      !isRoot && createWay(place, root),
      h('h1', { tabindex: -1 }, h('bdi', {}, isRoot ? toPlaceName(place) : toName(prefix))),
    ),
    h(
      'div',
      { class: 'tools' },
      files,
      folder,
      may('upload') && button('Upload', () => files.click(), 'primary', 'i-upload'),
      may('upload') && button('Upload folder', () => folder.click(), '', 'i-folder'),
      rare.length > 0 && createMore(rare),
      reload !== null && iconButton('Reload the list', 'i-retry', reload),
    ),
  )
}
