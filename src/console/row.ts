// One line of the list of uploads: name, size, progress, what became of it, and what can be done.
const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB']

/** Decimal units, as file managers show them. */
export function toSizeText(bytes: number): string {
  const power = bytes === 0 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** power
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power]}`
}

export interface Row {
  onCancel(cancel: () => void): void
  setProgress(share: number): void
  setDone(url: string, until: Date): void
  setFailed(reason: string): void
}

function find<E extends HTMLElement>(root: ParentNode, selector: string, type: new () => E): E {
  const found = root.querySelector(selector)
  if (!(found instanceof type)) throw new Error(`the page has no ${selector}`)
  return found
}

export function addRow(list: HTMLElement, template: HTMLTemplateElement, file: File): Row {
  const row = document.importNode(template.content, true)
  const item = find(row, '.upload', HTMLLIElement)
  const state = find(row, '.state', HTMLSpanElement)
  const bar = find(row, 'progress', HTMLProgressElement)
  const link = find(row, 'a', HTMLAnchorElement)
  const copy = find(row, '.copy', HTMLButtonElement)
  const cancel = find(row, '.cancel', HTMLButtonElement)
  find(row, '.name', HTMLSpanElement).textContent = file.name
  find(row, '.size', HTMLSpanElement).textContent = toSizeText(file.size)
  bar.setAttribute('aria-label', `Progress of ${file.name}`)
  cancel.setAttribute('aria-label', `Cancel ${file.name}`)
  state.textContent = 'Waiting'
  list.prepend(row)
  return {
    onCancel(stop) {
      cancel.addEventListener('click', stop, { once: true })
    },
    setProgress(share) {
      bar.value = share
      state.textContent = share < 1 ? `${Math.floor(share * 100)} %` : 'Checking what arrived'
    },
    setDone(url, until) {
      item.classList.add('done')
      bar.value = 1
      const time = until.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
      state.textContent = `Stored and verified. The link works until ${time}.`
      cancel.hidden = true
      link.href = url
      link.download = file.name
      link.hidden = false
      link.setAttribute('aria-label', `Download ${file.name}`)
      copy.hidden = false
      copy.addEventListener('click', () => {
        void navigator.clipboard.writeText(url).then(() => (copy.textContent = 'Copied'))
      })
    },
    setFailed(reason) {
      item.classList.add('failed')
      state.textContent = reason
      cancel.hidden = true
    },
  }
}

export { find }
