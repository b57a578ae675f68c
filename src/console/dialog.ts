// A modal dialog: native, so that focus stays inside, Escape closes it, and focus goes back to where it was.
import { button, type Child, h, iconButton, newId, put } from './dom.ts'
import { toNotice } from './problem.ts'

export interface Dialog {
  close(): void
  /** Replaces what it shows below its title; the first that can be filled in or pressed gets the focus. */
  show(...children: readonly Child[]): void
}

export function openDialog(title: string, onClose: () => void = () => {}): Dialog {
  const id = newId()
  const body = h('div', { class: 'dialog-body' })
  const dialog = h(
    'dialog',
    { 'aria-labelledby': id },
    h(
      'header',
      {},
      h('h2', { id }, h('bdi', {}, title)),
      iconButton('Close', 'i-close', () => dialog.close()),
    ),
    body,
  )
  dialog.addEventListener('close', () => {
    dialog.remove()
    // What opened it may be gone, as a deleted file: the reader goes on at the heading.
    if (document.activeElement === document.body) document.querySelector('h1')?.focus()
    onClose()
  })
  document.body.append(dialog)
  dialog.showModal()
  return {
    close: () => dialog.close(),
    show(...children) {
      put(body, ...children)
      body.querySelector<HTMLElement>(FIRST)?.focus()
    },
  }
}

/** Of a choice what is chosen. */
const FIRST = 'input:not([hidden], [type=radio]), input:checked, textarea, select, button'

interface Form {
  readonly submit: string
  readonly isDangerous?: boolean
  readonly children: readonly Child[]
  /** Rejects with what is shown; the dialog stays open then. */
  readonly send: () => Promise<void>
}

/** A form with its buttons, which shows why it failed and can be sent again. */
export function createForm(dialog: Dialog, { submit, isDangerous, children, send }: Form) {
  const trouble = h('div')
  const go = h('button', { class: isDangerous ? 'danger' : 'primary' }, submit)
  const run = async (): Promise<void> => {
    go.disabled = true
    put(trouble)
    try {
      await send()
    } catch (error) {
      put(trouble, toNotice(error))
      trouble.scrollIntoView({ block: 'nearest' })
    }
    go.disabled = false
  }
  const onsubmit = (event: Event): void => {
    event.preventDefault()
    void run()
  }
  return h(
    'form',
    { onsubmit },
    ...children,
    trouble,
    h('footer', {}, button('Cancel', dialog.close), go),
  )
}

/** Asks before something that cannot be undone. */
export function confirmDanger(
  title: string,
  text: string,
  submit: string,
  act: () => Promise<void>,
): void {
  const dialog = openDialog(title)
  const send = async (): Promise<void> => {
    await act()
    dialog.close()
  }
  dialog.show(createForm(dialog, { submit, isDangerous: true, children: [h('p', {}, text)], send }))
}
