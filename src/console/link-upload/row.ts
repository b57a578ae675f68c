// Elements and sizes of the page of a link that asks for files.
const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB']

/** Decimal units, as file managers show them. */
export function toSizeText(bytes: number): string {
  const power = bytes === 0 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** power
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power]}`
}

export function find<E extends HTMLElement>(
  root: ParentNode,
  selector: string,
  type: new () => E,
): E {
  const found = root.querySelector(selector)
  if (!(found instanceof type)) throw new Error(`the page has no ${selector}`)
  return found
}
