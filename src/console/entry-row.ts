// One line of a folder: its name, size and time, and what the grants allow with it.
import type { App } from './app.ts'
import { h, icon, iconButton } from './dom.ts'
import { toShortTime, toSize } from './format.ts'
import { later } from './later.ts'
import type { Entry } from './listing.ts'
import { type Place, toHash } from './places.ts'

const PICTURES: readonly (readonly [RegExp, string])[] = [
  [/\.(png|jpe?g|gif|webp|avif|svg|heic|tiff?|bmp)$/i, 'i-image'],
  [/\.(mp4|mov|webm|mkv|avi|mp3|wav|flac|ogg|m4a)$/i, 'i-media'],
  [/\.(zip|gz|tar|tgz|7z|rar|xz|zst|bz2)$/i, 'i-archive'],
  [/\.(pdf|docx?|odt|txt|md|rtf|pptx?|xlsx?|csv|html?|json|xml)$/i, 'i-text'],
]

const toPicture = ({ kind, name }: Entry): string =>
  kind === 'folder' ? 'i-folder' : (PICTURES.find(([ending]) => ending.test(name))?.[1] ?? 'i-file')

export interface RowActs {
  readonly onSelect: (key: string, isSelected: boolean) => void
  readonly onDownload: (key: string) => void
  readonly onDelete: (key: string) => void
}

function toName({ bucket }: Place, entry: Entry, acts: RowActs): HTMLElement {
  const { kind, name, key } = entry
  const text = h('bdi', {}, name)
  if (kind === 'folder')
    return h('a', { class: 'name', href: toHash({ bucket, prefix: key }) }, text)
  const onclick = (): void => acts.onDownload(key)
  return h('button', { type: 'button', class: 'name', title: name, onclick }, text)
}

export function createEntryRow(app: App, place: Place, entry: Entry, acts: RowActs): HTMLElement {
  const { bucket } = place
  const { kind, key, name } = entry
  const may = (action: string): boolean => app.can(action, bucket, key)
  const isFile = kind === 'file'
  const select = h('input', {
    type: 'checkbox',
    'aria-label': `Select ${name}`,
    onchange: () => acts.onSelect(key, select.checked),
  })
  const share = isFile ? { bucket, keys: [key] } : { bucket, prefix: key }
  const size = isFile ? toSize(entry.size) : ''
  const time = isFile ? toShortTime(entry.lastModified) : ''
  const label =
    isFile && may('read')
      ? toName(place, entry, acts)
      : kind === 'folder'
        ? toName(place, entry, acts)
        : h('span', { class: 'name' }, h('bdi', {}, name))
  return h(
    'tr',
    { 'data-key': key },
    h('td', { class: 'pick' }, isFile && (may('share') || may('delete')) && select),
    h(
      'th',
      { scope: 'row' },
      h(
        'div',
        {},
        icon(toPicture(entry)),
        h('div', {}, label, isFile && h('small', {}, `${size} · ${time}`)),
      ),
    ),
    h('td', { class: 'size' }, size),
    h(
      'td',
      { class: 'time' },
      isFile &&
        h(
          'time',
          { datetime: entry.lastModified, title: new Date(entry.lastModified).toLocaleString() },
          time,
        ),
    ),
    h(
      'td',
      { class: 'acts' },
      h(
        'div',
        {},
        isFile &&
          may('read') &&
          iconButton(`Download ${name}`, 'i-download', () => acts.onDownload(key)),
        may('share') &&
          iconButton(`Share ${name}`, 'i-share', () =>
            later(({ openShare }) => openShare(app, share)),
          ),
        isFile &&
          may('delete') &&
          iconButton(`Delete ${name}`, 'i-delete', () => acts.onDelete(key)),
      ),
    ),
  )
}
