// One line of the uploads: name, how far it is, what became of it, and what can be done about it.
import { button, h, iconButton, put } from './dom.ts'
import { toDuration, toPercent, toSize } from './format.ts'
import { toWords } from './problem.ts'
import { isOver, type Item } from './uploads.ts'

export interface UploadRow {
  readonly element: HTMLElement
  update(): void
}

/** "report (2).pdf" for "report.pdf": a name that is probably free. */
export function toOtherKey(key: string): string {
  const [, stem = key, number, ending = ''] =
    /^(.*?)(?: \((\d+)\))?(\.[^./]{1,10})?$/s.exec(key) ?? []
  return `${stem} (${Number(number ?? 1) + 1})${ending}`
}

function toText(item: Item): string {
  const { state, sentBytes, totalBytes, bytesPerSecond, etaSeconds, isOffline } = item.progress()
  const size = toSize(totalBytes)
  const share = toPercent(totalBytes === 0 ? 0 : sentBytes / totalBytes)
  if (isOffline && !isOver(item)) return 'No connection; it goes on by itself'
  if (state === 'waiting') return `${size} · Waiting`
  if (state === 'paused') return `${share} of ${size} · Paused`
  if (state === 'verifying') return `${size} · Checking what arrived`
  if (state === 'done') return `${size} · Stored and verified`
  if (state === 'aborted') return 'Cancelled'
  if (state === 'failed') {
    if (item.error()?.code === 'conflict')
      return 'A file of this name is here already. Keep both, or rename yours.'
    const { what, advice, requestId } = toWords(item.error())
    return `${what} ${advice}${requestId === '' ? '' : ` (Request ${requestId})`}`
  }
  const speed = bytesPerSecond > 0 ? ` · ${toSize(bytesPerSecond)}/s` : ''
  const left = etaSeconds === null ? '' : ` · ${toDuration(etaSeconds)} left`
  return `${share} of ${size}${speed}${left}`
}

function toButtons(item: Item, onShare: (() => void) | null): HTMLElement[] {
  const { state } = item.progress()
  const { name } = item
  if (state === 'done')
    return onShare === null ? [] : [iconButton(`Share ${name}`, 'i-share', onShare)]
  if (state === 'failed' || state === 'aborted') {
    const again = iconButton(`Try ${name} again`, 'i-retry', () => item.retry())
    const both = button('Keep both', () => item.retry(toOtherKey(item.key)))
    both.setAttribute('aria-label', `Keep both: store ${name} under another name`)
    return item.error()?.code === 'conflict' ? [both] : [again]
  }
  const cancel = iconButton(`Cancel ${name}`, 'i-close', item.cancel)
  if (state === 'verifying') return [cancel]
  const turn =
    state === 'paused'
      ? iconButton(`Go on with ${name}`, 'i-play', item.resume)
      : iconButton(`Pause ${name}`, 'i-pause', item.pause)
  return [turn, cancel]
}

export function createUploadRow(item: Item, onShare: (() => void) | null): UploadRow {
  const bar = h('progress', { max: 1, 'aria-label': `Progress of ${item.name}` })
  const text = h('span', { class: 'state' })
  const actions = h('span', { class: 'actions' })
  const name = h('bdi')
  const title = h('span', { class: 'name' }, name)
  const element = h('li', { class: 'upload' }, h('div', {}, title, text, bar), actions)
  let shown = ''
  return {
    element,
    update() {
      const { state, sentBytes, totalBytes } = item.progress()
      name.textContent = title.title = item.name
      text.textContent = toText(item)
      bar.value = totalBytes === 0 ? Number(state === 'done') : sentBytes / totalBytes
      if (state === shown) return
      // Buttons change with the state alone, so that the focus stays while bytes flow.
      const hadFocus = actions.contains(document.activeElement)
      element.dataset['state'] = shown = state
      put(actions, ...toButtons(item, onShare))
      if (hadFocus) actions.querySelector('button')?.focus()
    },
  }
}
