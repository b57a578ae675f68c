// How long a link lives: presets or a time of one's own, with the moment shown as it is here.
import type { LinkAnswer, LinkPatch } from '../contract/link.ts'
import { h } from './dom.ts'
import { createChoice, toField } from './fields.ts'
import { toLocalInput, toMoment, toZone } from './format.ts'

const PRESETS = [
  ['3600', '1 hour'],
  ['86400', '1 day'],
  ['604800', '7 days'],
  ['2592000', '30 days'],
] as const
type Life = (typeof PRESETS)[number][0] | 'keep' | 'custom'

/** What was chosen last is offered next. */
let last: Life = '604800'

export function createExpiry(existing?: LinkAnswer): {
  readonly element: HTMLElement
  read(): Pick<LinkPatch, 'expiresIn' | 'expiresAt'>
} {
  const note = h('p', { class: 'hint' })
  const time = h('input', {
    type: 'datetime-local',
    required: true,
    min: toLocalInput(new Date()),
    value: toLocalInput(new Date(existing?.expiresAt ?? Date.now() + 604_800_000)),
    oninput: () => show(),
  })
  const custom = toField('Ends at', time)
  const endOf = (life: Life): Date => {
    if (life === 'keep') return new Date(existing?.expiresAt ?? 0)
    return life === 'custom' ? new Date(time.value) : new Date(Date.now() + Number(life) * 1000)
  }
  function show(life = choice.value()): void {
    custom.hidden = life !== 'custom'
    time.disabled = custom.hidden
    const end = endOf(life)
    note.textContent = Number.isNaN(end.getTime())
      ? 'Choose a day and a time.'
      : `Ends ${toMoment(end)} your time (${toZone()})`
  }
  const options: (readonly [Life, string])[] = [...PRESETS, ['custom', 'Other…']]
  const choice = createChoice<Life>(
    'Ends after',
    existing ? [['keep', 'As it is'], ...options] : options,
    existing ? 'keep' : last,
    (life) => queueMicrotask(() => show(life)),
  )
  return {
    element: h('div', { class: 'group' }, choice.element, custom, note),
    read() {
      const life = choice.value()
      if (life === 'keep') return {}
      last = life
      if (life === 'custom') return { expiresAt: endOf(life).toISOString() }
      return { expiresIn: Number(life) }
    },
  }
}
