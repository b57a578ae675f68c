// The terms of a link as a form: what most people need at once, the other conditions below a fold.
import type { LinkAnswer, LinkPatch } from '../contract/link.ts'
import { type Child, h } from './dom.ts'
import { createExpiry } from './expiry.ts'
import { toField, toList } from './fields.ts'
import { toLocalInput } from './format.ts'
import { createPassword } from './password.ts'

/** What has a default, and may therefore be absent. */
type Terms = Pick<
  LinkPatch,
  | 'label'
  | 'maxDownloads'
  | 'notBefore'
  | 'countries'
  | 'cidrs'
  | 'filename'
  | 'delivery'
  | 'strict'
>

export interface LinkForm {
  readonly children: readonly Child[]
  /** Of a new link all terms that were given; of an existing one what has changed, null where it was taken away. */
  read(): LinkPatch
}

const COUNTRY_NAMES = new Intl.DisplayNames(undefined, { type: 'region', fallback: 'none' })

function toCountryNames(text: string): string {
  const names = toList(text).map((code) => {
    try {
      return COUNTRY_NAMES.of(code.toUpperCase()) ?? `${code}?`
    } catch {
      return `${code}?`
    }
  })
  return names.join(', ') || 'Codes of two letters, such as DE, AT. Empty: from anywhere.'
}

function createCountries(countries: readonly string[]): [HTMLElement, HTMLInputElement] {
  const input = h('input', { value: countries.join(', '), autocapitalize: 'characters' })
  const names = h('span')
  const show = (): void => void (names.textContent = toCountryNames(input.value))
  input.addEventListener('input', show)
  show()
  return [toField('Countries', input, names), input]
}

/** Only what differs; a term that was there and is not any more is null. */
function toChanges(terms: Terms, existing?: LinkAnswer): Terms {
  const before = existing as Terms | undefined
  const changes = Object.entries(terms).flatMap(([name, value]) => {
    const old = before?.[name as keyof Terms]
    if (JSON.stringify(value) === JSON.stringify(old)) return []
    return [[name, value ?? null]]
  })
  // Names and values are those of the terms.
  return Object.fromEntries(changes) as Terms
}

export function createLinkForm(kind: 'open' | 'request', existing?: LinkAnswer): LinkForm {
  const isOpen = kind === 'open'
  const expiry = createExpiry(existing)
  const password = createPassword(existing)
  const value = <T extends string | number>(of: T | undefined): T | '' => of ?? ''
  const label = h('input', { value: value(existing?.label), maxlength: 200 })
  const count = h('input', {
    type: 'number',
    min: 1,
    max: 1_000_000,
    placeholder: 'no limit',
    value: value(existing?.maxDownloads),
  })
  const begin = h('input', {
    type: 'datetime-local',
    value: existing?.notBefore ? toLocalInput(new Date(existing.notBefore)) : '',
  })
  const [countries, codes] = createCountries(existing?.countries ?? [])
  const cidrs = h('input', { value: (existing?.cidrs ?? []).join(', '), spellcheck: 'false' })
  const filename = h('input', { value: value(existing?.filename), maxlength: 255 })
  const delivery = h(
    'select',
    {},
    h('option', { value: 'redirect' }, 'Straight from the bucket'),
    h('option', { value: 'stream' }, 'Through the gateway'),
  )
  delivery.value = existing?.delivery ?? 'redirect'
  const strict = h('input', { type: 'checkbox', checked: existing?.strict === true })
  const children = [
    expiry.element,
    password.element,
    h(
      'div',
      { class: 'pair' },
      isOpen && toField('Downloads', count, 'Each visitor counts once in five minutes.'),
      toField('Label', label, 'Shown to visitors, and to you in the list.'),
    ),
    h(
      'details',
      {},
      h('summary', {}, 'More conditions'),
      h(
        'div',
        { class: 'pair' },
        toField('Opens not before', begin),
        countries,
        toField('Networks', cidrs, 'Such as 192.0.2.0/24. Empty: any.'),
        isOpen && toField('File name', filename, 'As which it is saved.'),
        isOpen && toField('Delivery', delivery),
      ),
      h('label', { class: 'check' }, strict, 'Changes and revocation hold at once, everywhere'),
    ),
  ]
  const orNone = (text: string): string | undefined => text.trim() || undefined
  const listOrNone = (list: string[]): string[] | undefined => (list.length > 0 ? list : undefined)
  return {
    children,
    read() {
      const terms = {
        label: orNone(label.value),
        maxDownloads: count.value === '' ? undefined : Number(count.value),
        notBefore: begin.value === '' ? undefined : toTimestamp(begin.value, existing?.notBefore),
        countries: listOrNone(toList(codes.value.toUpperCase())),
        cidrs: listOrNone(toList(cidrs.value)),
        filename: orNone(filename.value),
        delivery:
          delivery.value === 'stream'
            ? ('stream' as const)
            : existing?.delivery && ('redirect' as const),
        strict: strict.checked || (existing?.strict === undefined ? undefined : false),
      }
      return { ...expiry.read(), ...password.read(), ...toChanges(terms, existing) }
    },
  }
}

/** The field has minutes: a time that was not touched keeps its seconds. */
function toTimestamp(text: string, before?: string): string {
  const isSame = before !== undefined && toLocalInput(new Date(before)) === text
  return isSame ? before : new Date(text).toISOString()
}
