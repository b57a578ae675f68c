// What an earlier page has begun to send and not ended: each can go on, or be forgotten.
import type { PendingUpload } from '../client/client.ts'
import type { App } from './app.ts'
import { button, h, put } from './dom.ts'
import { toSize } from './format.ts'
import { toName } from './places.ts'
import { attempt } from './problem.ts'

/** The file again, where the browser kept no handle: only the user can give it. */
function askForFile(): Promise<File | undefined> {
  return new Promise((resolve) => {
    const input = h('input', { type: 'file' })
    input.addEventListener('change', () => resolve(input.files?.[0]))
    input.addEventListener('cancel', () => resolve(undefined))
    input.click()
  })
}

function toRow({ uploads }: App, pending: PendingUpload): HTMLElement {
  const name = toName(pending.key)
  const trouble = h('div')
  const goOn = async (): Promise<void> => {
    const file = pending.hasHandle ? undefined : await askForFile()
    if (!pending.hasHandle && file === undefined) return
    await uploads.adopt(pending, file)
    row.remove()
  }
  const forget = async (): Promise<void> => {
    await pending.discard()
    row.remove()
  }
  const row = h(
    'li',
    { class: 'upload' },
    h(
      'div',
      {},
      h('span', { class: 'name' }, h('bdi', {}, name)),
      h('span', { class: 'state' }, `${toSize(pending.size)} · begun before this page was opened`),
      trouble,
    ),
    h(
      'span',
      { class: 'actions' },
      button(pending.hasHandle ? 'Go on' : 'Choose it to go on', () => void attempt(trouble, goOn)),
      button('Forget', () => void attempt(trouble, forget)),
    ),
  )
  return row
}

export function createLeftovers(app: App): HTMLElement {
  const place = h('section', { class: 'panel', 'aria-label': 'Unfinished uploads', hidden: true })
  void app.client
    .pending()
    .then((found) => {
      place.hidden = found.length === 0
      put(
        place,
        h('header', {}, h('h2', {}, 'Unfinished uploads')),
        h('ul', { class: 'uploads' }, ...found.map((one) => toRow(app, one))),
      )
    })
    // Where the browser keeps nothing, nothing is left.
    .catch(() => {})
  return place
}
