// <postern-folder>: what lies in one place: its path, what can be done here, and its files.
import type { FoundFile } from '../client/client.ts'
import { filesOf } from '../client/client.ts'
import type { App } from './app.ts'
import { button, define, h, icon, put } from './dom.ts'
import { download } from './download.ts'
import { createDropZone } from './drop-zone.ts'
import { createEntryRow, type RowActs } from './entry-row.ts'
import { createFolderHead } from './folder-head.ts'
import { toCount } from './format.ts'
import { later } from './later.ts'
import { createListing, type Entry, type Order, sortEntries } from './listing.ts'
import type { Place } from './places.ts'
import { attempt, toNotice } from './problem.ts'
import { say } from './say.ts'
import { createSelection } from './selection.ts'
import { createTable } from './table.ts'

interface Given {
  readonly app: App
  readonly place: Place
  /** The granted prefix below which it lies. */
  readonly root: Place
}

function createEmpty(canUpload: boolean): HTMLElement {
  return h(
    'div',
    { class: 'empty' },
    icon(canUpload ? 'i-drop' : 'i-folder'),
    h('p', {}, h('strong', {}, 'Nothing here yet')),
    canUpload &&
      h(
        'p',
        { class: 'hint' },
        'Drop files or folders anywhere on this page, paste a picture, or press Upload.',
      ),
  )
}

export const createFolder = define<Given>('postern-folder', (host, { app, place, root }, over) => {
  const { bucket, prefix } = place
  const canList = app.can('list', bucket, prefix)
  const canUpload = app.can('upload', bucket, prefix)
  const listing = createListing(app.client, place)
  let order: Order = { by: 'name', isDescending: false }
  const trouble = h('div', { class: 'trouble' })
  const foot = h('div', { class: 'foot' })

  const acts: RowActs = {
    onSelect: (key, isSelected) => selection.set(key, isSelected),
    onDownload: (key) => void attempt(trouble, () => download(app, bucket, key)),
    onDelete: (key) => remove([key]),
  }
  const remove = (keys: readonly string[]): void =>
    later(({ askToDelete }) => askToDelete(app, bucket, keys, forget))
  const selection = createSelection(app, place, { onDelete: remove })
  const toRow = (entry: Entry): HTMLElement => createEntryRow(app, place, entry, acts)
  const table = createTable(toRow, (next) => {
    order = next
    show()
  })

  function forget(key: string): void {
    listing.remove(key)
    selection.set(key, false)
    show()
  }

  function show(): void {
    const { entries, hasMore } = listing
    table.show(sortEntries(entries, order), order)
    selection.mark(table.element)
    const more = button('Load more', () => void attempt(trouble, () => load(false)))
    put(
      foot,
      entries.length === 0 && createEmpty(canUpload),
      hasMore && h('p', { class: 'hint' }, `${entries.length} shown and sorted; there are more.`),
      hasMore && more,
    )
    table.element.hidden = entries.length === 0
  }

  async function load(isFresh: boolean): Promise<void> {
    host.setAttribute('aria-busy', 'true')
    try {
      await listing.load(isFresh)
      if (over.aborted) return
      show()
      const count = toCount(listing.entries.length, 'entry', 'entries')
      say(`${count}${listing.hasMore ? ', and more' : ''}`)
    } finally {
      host.removeAttribute('aria-busy')
    }
  }

  function reload(): void {
    if (!canList) return
    put(trouble)
    load(true).catch((error: unknown) => put(trouble, toNotice(error, reload)))
  }

  const addFiles = (files: readonly FoundFile[]): void => {
    put(trouble)
    if (files.length > 0) app.uploads.add(files, place)
  }
  const take = (source: DataTransfer | FileList | readonly File[]): void => {
    filesOf(source).then(addFiles, (error: unknown) => put(trouble, toNotice(error)))
  }

  put(
    host,
    createFolderHead({ app, place, root, take, reload: canList ? reload : null }),
    trouble,
    selection.element,
    table.element,
    foot,
  )
  if (canUpload) createDropZone(host, take, over)
  app.uploads.onStored((stored) => {
    listing.insert(stored)
    if (canList) show()
  }, over)
  table.element.hidden = true
  if (canList) reload()
  else
    put(
      foot,
      h(
        'p',
        { class: 'notice' },
        canUpload
          ? 'You may send files here, but not see what is here.'
          : 'No grant of yours lets you see what is here.',
      ),
    )
})
