// What is ticked in a folder, and what can be done with all of it.
import type { App } from './app.ts'
import { button, h, put } from './dom.ts'
import { later } from './later.ts'
import type { Place } from './places.ts'

/** Files that one link names at most (contract/link.ts). */
const MAX_KEYS = 100

export interface Selection {
  readonly element: HTMLElement
  set(key: string, isSelected: boolean): void
  /** Ticks the lines as they are selected. */
  mark(table: HTMLElement): void
}

export function createSelection(
  app: App,
  { bucket, prefix }: Place,
  { onDelete }: { readonly onDelete: (keys: readonly string[]) => void },
): Selection {
  const selected = new Set<string>()
  const element = h('div', {
    class: 'selection',
    role: 'group',
    'aria-label': 'Selected files',
    hidden: true,
  })
  let table: HTMLElement | null = null
  function mark(): void {
    for (const row of table?.querySelectorAll<HTMLElement>('tr[data-key]') ?? []) {
      const box = row.querySelector('input')
      if (box !== null) box.checked = selected.has(row.dataset['key'] ?? '')
    }
  }
  function show(): void {
    const keys = [...selected]
    element.hidden = keys.length === 0
    const share = (): void => later(({ openShare }) => openShare(app, { bucket, keys }))
    const clear = (): void => {
      selected.clear()
      mark()
      show()
    }
    put(
      element,
      h('strong', {}, `${keys.length} selected`),
      app.can('share', bucket, prefix) &&
        keys.length <= MAX_KEYS &&
        button('Share', share, '', 'i-share'),
      app.can('delete', bucket, prefix) && button('Delete', () => onDelete(keys), '', 'i-delete'),
      button('Clear', clear, 'quiet'),
    )
  }
  return {
    element,
    set(key, isSelected) {
      if (isSelected) selected.add(key)
      else selected.delete(key)
      show()
    },
    mark(of) {
      table = of
      mark()
    },
  }
}
