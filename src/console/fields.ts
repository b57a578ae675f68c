// Parts of forms: a control with its label and hint, and a choice of one among a few.
import { type Child, h, newId } from './dom.ts'

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement

/** The control below its label; the hint is read with it. */
export function toField(label: string, control: Control, hint?: Child): HTMLElement {
  control.id = newId()
  const note = h('p', { class: 'hint', id: newId() }, hint)
  if (hint !== undefined) control.setAttribute('aria-describedby', note.id)
  const field = h('div', { class: 'field' }, h('label', { for: control.id }, label), control)
  if (hint !== undefined) field.append(note)
  return field
}

export interface Choice<V extends string> {
  readonly element: HTMLFieldSetElement
  value(): V
}

/** Radio buttons that look like one switch; `onchange` is called at once, and whenever another is chosen. */
export function createChoice<V extends string>(
  legend: string,
  options: readonly (readonly [V, string])[],
  first: V,
  onchange: (value: V) => void,
): Choice<V> {
  const name = newId()
  let chosen = first
  const element = h(
    'fieldset',
    { class: 'choice' },
    h('legend', {}, legend),
    h(
      'div',
      {},
      ...options.map(([value, text]) => {
        const choose = (): void => {
          chosen = value
          onchange(value)
        }
        const radio = { type: 'radio', name, value, checked: value === first, onchange: choose }
        return h('label', {}, h('input', radio), h('span', {}, text))
      }),
    ),
  )
  onchange(first)
  return { element, value: () => chosen }
}

/** Words of a list as people write them: "DE, AT". */
export const toList = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean)
