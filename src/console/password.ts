// The password of a link: a strong one that the gateway makes, one's own, or none.
import type { LinkAnswer, LinkPatch } from '../contract/link.ts'
import { h } from './dom.ts'
import { createChoice, toField } from './fields.ts'

const OPTIONS = [
  ['generated', 'Strong, made for you'],
  ['own', 'My own'],
  ['none', 'None'],
] as const
type Kind = (typeof OPTIONS)[number][0] | 'keep'

/** What was chosen last is offered next. */
let last: Kind = 'generated'

export function createPassword(existing?: LinkAnswer): {
  readonly element: HTMLElement
  read(): Pick<LinkPatch, 'password'>
} {
  const text = h('input', {
    required: true,
    minlength: 4,
    maxlength: 256,
    autocomplete: 'off',
    spellcheck: 'false',
  })
  const own = toField(
    'Password',
    text,
    'At least 4 characters; the gateway keeps only a hash of it.',
  )
  const note = h('p', { class: 'hint' }, 'You see it once, when the link is made.')
  const options: (readonly [Kind, string])[] = existing
    ? [['keep', existing.hasPassword ? 'As it is' : 'None'], ...OPTIONS]
    : [...OPTIONS]
  const choice = createChoice<Kind>(
    'Password',
    existing && !existing.hasPassword ? options.slice(0, -1) : options,
    existing ? 'keep' : last,
    (kind) => {
      own.hidden = text.disabled = kind !== 'own'
      note.hidden = kind !== 'generated'
    },
  )
  return {
    element: h('div', { class: 'group' }, choice.element, own, note),
    read() {
      const kind = choice.value()
      if (kind === 'keep') return {}
      last = kind
      if (kind === 'own') return { password: text.value }
      if (kind === 'generated') return { password: true }
      return existing ? { password: null } : {}
    },
  }
}
