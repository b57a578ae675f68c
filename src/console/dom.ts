// Builds what the page shows: elements from a name, their attributes and children; icons; custom elements from a closure.

type Value = string | number | boolean | undefined | ((event: Event) => void)
export type Child = Node | string | false | null | undefined

/** Functions are listeners (`onclick`), `true` an empty attribute, false and undefined none. Text is text, never HTML. */
export function h<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  attributes: Readonly<Record<string, Value>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[T] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else if (value !== false && value !== undefined)
      element.setAttribute(name, value === true ? '' : String(value))
  }
  put(element, ...children)
  return element
}

/** Replaces the children. */
export function put(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren(
    ...children.filter((child) => child !== false && child !== null && child !== undefined),
  )
}

const SVG = 'http://www.w3.org/2000/svg'

/** A picture of the sprite in index.html; it says nothing that text does not. */
export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('class', `icon ${name}`)
  svg.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS(SVG, 'use')
  use.setAttribute('href', `#${name}`)
  svg.append(use)
  return svg
}

export function button(text: string, onclick: () => void, look = '', picture = ''): HTMLElement {
  const attributes = { type: 'button', class: look, onclick }
  return h('button', attributes, picture !== '' && icon(picture), text)
}

/** A button that only shows its picture; its name is what it does to what. */
export function iconButton(name: string, picture: string, onclick: () => void): HTMLElement {
  const attributes = { type: 'button', class: 'icon-button', 'aria-label': name, title: name }
  return h('button', { ...attributes, onclick }, icon(picture))
}

let ids = 0
export const newId = (): string => `id${(ids += 1)}`

/**
 * A custom element: `begin` fills it when it enters the page, and the signal aborts when it leaves.
 * The answer makes one.
 */
export function define<P>(
  name: string,
  begin: (host: HTMLElement, given: P, over: AbortSignal) => void,
): (given: P) => HTMLElement {
  class Part extends HTMLElement {
    readonly #over = new AbortController()
    readonly #given: P
    constructor(given: P) {
      super()
      this.#given = given
    }
    connectedCallback(): void {
      begin(this, this.#given, this.#over.signal)
    }
    disconnectedCallback(): void {
      this.#over.abort()
    }
  }
  customElements.define(name, Part)
  return (given) => new Part(given)
}
