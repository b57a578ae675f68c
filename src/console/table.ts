// The table of a folder: headings that sort, and a line for each entry.
import { h, icon, put } from './dom.ts'
import type { Column, Entry, Order } from './listing.ts'

const COLUMNS: readonly (readonly [Column, string, string])[] = [
  ['name', 'Name', ''],
  ['size', 'Size', 'size'],
  ['lastModified', 'Modified', 'time'],
]

export interface Table {
  readonly element: HTMLElement
  show(entries: readonly Entry[], order: Order): void
}

export function createTable(
  toRow: (entry: Entry) => HTMLElement,
  onOrder: (order: Order) => void,
): Table {
  let order: Order = { by: 'name', isDescending: false }
  const heads = COLUMNS.map(([by, text, look]) => {
    const onclick = (): void =>
      onOrder({ by, isDescending: order.by === by ? !order.isDescending : by !== 'name' })
    const head = h(
      'th',
      { scope: 'col', class: look },
      h('button', { type: 'button', onclick }, text, icon('i-sort')),
    )
    return { by, head }
  })
  const body = h('tbody')
  const element = h(
    'table',
    { class: 'files' },
    h('caption', { class: 'sr' }, 'Files'),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        h('td', { class: 'pick' }),
        ...heads.map(({ head }) => head),
        h('th', { scope: 'col', class: 'acts' }, h('span', { class: 'sr' }, 'Actions')),
      ),
    ),
    body,
  )
  const rows = new Map<string, { entry: Entry; row: HTMLElement }>()
  const rowOf = (entry: Entry): HTMLElement => {
    const known = rows.get(entry.key)
    if (known !== undefined && known.entry === entry) return known.row
    const row = toRow(entry)
    rows.set(entry.key, { entry, row })
    return row
  }
  return {
    element,
    show(entries, next) {
      order = next
      for (const { by, head } of heads) {
        const sorted = order.isDescending ? 'descending' : 'ascending'
        if (by === order.by) head.setAttribute('aria-sort', sorted)
        else head.removeAttribute('aria-sort')
      }
      // Lines that stay are kept as they are, with what is ticked in them.
      const focused = document.activeElement
      put(body, ...entries.map(rowOf))
      if (focused instanceof HTMLElement && body.contains(focused)) focused.focus()
    },
  }
}
