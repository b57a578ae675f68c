// <postern-uploads>: all uploads of this page in one panel: the total, what can be done with all, and a line for each.
import type { App } from './app.ts'
import { button, define, h, iconButton, newId, put } from './dom.ts'
import { toCount, toDuration, toPercent, toSize } from './format.ts'
import { createLeftovers } from './leftovers.ts'
import { say } from './say.ts'
import { openShare } from './share.ts'
import { createUploadRow, type UploadRow } from './upload-row.ts'
import { isOver, type Item, type Uploads } from './uploads.ts'

/** Lines at a time; of thousands of files the rest is told as a number. */
const MAX_ROWS = 50

interface Total {
  readonly open: readonly Item[]
  readonly failed: number
  readonly text: string
  readonly share: number
}

export function toTotal({ items }: Uploads): Total {
  const open = items.filter((item) => !isOver(item))
  const counted = items.filter((item) => ['done'].includes(item.progress().state))
  const failed = items.filter((item) => item.progress().state === 'failed').length
  let [sent, total, speed] = [0, 0, 0]
  for (const { progress } of [...open, ...counted]) {
    const { sentBytes, totalBytes, bytesPerSecond, state } = progress()
    sent += sentBytes
    total += totalBytes
    if (state === 'sending') speed += bytesPerSecond
  }
  const share = total === 0 ? 0 : sent / total
  if (open.length === 0) {
    const stored = `${counted.length} stored`
    return { open, failed, share: 1, text: failed > 0 ? `${stored}, ${failed} failed` : stored }
  }
  const isPaused = open.every((item) => item.progress().state === 'paused')
  const rate = speed > 0 ? ` · ${toSize(speed)}/s · ${toDuration((total - sent) / speed)} left` : ''
  const done = `${counted.length} of ${open.length + counted.length} stored`
  const text = `${done} · ${toPercent(share)}${isPaused ? ' · paused' : rate}`
  return { open, failed, share, text }
}

/** What of the items has a line, in the order in which they came; ended ones give way first. */
export function toShown(items: readonly Item[]): readonly Item[] {
  if (items.length <= MAX_ROWS) return items
  const matters = items.filter((item) => item.progress().state !== 'done')
  return (matters.length === 0 ? items : matters).slice(0, MAX_ROWS)
}

function createList(app: App): { element: HTMLElement; update(items: readonly Item[]): void } {
  const element = h('ul', { class: 'uploads' })
  const rows = new Map<Item, UploadRow>()
  const rowOf = (item: Item): UploadRow => {
    const { bucket } = item
    const share = app.can('share', bucket, item.key)
      ? () => openShare(app, { bucket, keys: [item.key] })
      : null
    const row = rows.get(item) ?? createUploadRow(item, share)
    rows.set(item, row)
    return row
  }
  return {
    element,
    update(items) {
      const shown = items.map(rowOf)
      for (const [item, row] of rows) {
        if (shown.includes(row)) continue
        row.element.remove()
        rows.delete(item)
      }
      // Those that stay are not moved: a moved element loses the focus.
      for (const [at, row] of shown.entries()) {
        row.update()
        if (element.children[at] !== row.element)
          element.insertBefore(row.element, element.children[at] ?? null)
      }
    },
  }
}

export const createUploadPanel = define<App>('postern-uploads', (host, app, over) => {
  const { uploads } = app
  const id = newId()
  const bar = h('progress', { max: 1, 'aria-label': 'Progress of all uploads' })
  const text = h('span', { class: 'state' })
  const list = createList(app)
  const more = h('p', { class: 'hint' })
  const body = h('div', { class: 'panel-body' }, list.element, more)
  const forAll = (act: (item: Item) => void) => () => {
    for (const item of uploads.items) if (!isOver(item)) act(item)
  }
  const pause = button(
    'Pause all',
    forAll((item) => item.pause()),
  )
  const resume = button(
    'Go on',
    forAll((item) => item.resume()),
  )
  const cancel = button(
    'Cancel all',
    forAll((item) => item.cancel()),
  )
  const clear = button('Clear', uploads.clear)
  const fold = iconButton('Show or hide the files', 'i-fold', () => {
    body.hidden = !body.hidden
    fold.setAttribute('aria-expanded', String(!body.hidden))
  })
  fold.setAttribute('aria-expanded', 'true')
  const head = h('header', {}, h('h2', { id }, 'Uploads'), text, pause, resume, cancel, clear, fold)
  const panel = h(
    'section',
    { class: 'panel', 'aria-labelledby': id, hidden: true },
    head,
    bar,
    body,
  )
  put(host, createLeftovers(app), panel)
  let wasOpen = 0

  const show = (): void => {
    const { open, share, text: total, failed } = toTotal(uploads)
    panel.hidden = uploads.items.length === 0
    text.textContent = total
    bar.value = share
    panel.dataset['state'] = open.length > 0 ? 'open' : failed > 0 ? 'failed' : 'done'
    const canPause = open.some(({ progress }) => progress().state !== 'paused')
    pause.hidden = !canPause
    resume.hidden = canPause || open.length === 0
    cancel.hidden = open.length < 2
    clear.hidden = open.length === uploads.items.length
    const shown = toShown(uploads.items)
    list.update(shown)
    more.textContent = `and ${uploads.items.length - shown.length} more`
    more.hidden = shown.length === uploads.items.length
    if (open.length > wasOpen) say(`${toCount(open.length, 'upload', 'uploads')} under way`)
    else if (open.length === 0 && wasOpen > 0) say(`Uploads: ${total}`)
    wasOpen = open.length
  }
  uploads.onChange(show, over)
  show()
})
