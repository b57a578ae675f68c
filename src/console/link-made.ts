// A link and what is done with it: copied, handed to an app, shown as a QR code; its password, this once.
import type { LinkAnswer } from '../contract/link.ts'
import { button, type Child, h, newId, put } from './dom.ts'
import { toMoment } from './format.ts'
import { attempt } from './problem.ts'
import { say } from './say.ts'

/** Copies, and says so where it was asked. */
export function createCopy(text: string, what: string, name = 'Copy'): HTMLElement {
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text)
    say(`${what} copied`)
    put(self, 'Copied')
    setTimeout(() => put(self, name), 2000)
  }
  const self = button(
    name,
    () => void copy().catch(() => say('The browser did not let it be copied')),
  )
  self.setAttribute('aria-label', `${name} ${what.toLowerCase()}`)
  return self
}

/** Text that is there to be copied: all of it is selected by one click. */
export function createOutput(label: string, text: string, rows = 1): HTMLElement {
  const id = newId()
  const field = h(rows > 1 ? 'textarea' : 'input', {
    id,
    rows,
    readonly: true,
    spellcheck: 'false',
  })
  field.value = text
  field.addEventListener('focus', () => field.select())
  return h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    h('div', { class: 'output' }, field, createCopy(text, label)),
  )
}

export function createQrButton(url: string): Child[] {
  const place = h('div', { class: 'qr', hidden: true })
  const show = async (): Promise<void> => {
    place.hidden = !place.hidden
    toggle.setAttribute('aria-expanded', String(!place.hidden))
    if (place.hidden || place.firstChild !== null) return
    const { createQr } = await import('./qr.ts')
    put(place, createQr(url))
  }
  const toggle = button('QR code', () => void attempt(place, show), '', 'i-qr')
  toggle.setAttribute('aria-expanded', 'false')
  return [toggle, place]
}

export function createMade(link: LinkAnswer, close: () => void): Child[] {
  const { url, password, label } = link
  const canShare = 'share' in navigator
  const share = (): void => {
    // Whoever closes the system's sheet has not failed.
    navigator.share({ url, ...(label !== undefined && { title: label }) }).catch(() => {})
  }
  const [toggle, qr] = createQrButton(url)
  return [
    createOutput('Link', url),
    password !== undefined && createOutput('Password', password),
    password !== undefined &&
      h(
        'p',
        { class: 'notice' },
        'The password is shown this once. Send it another way than the link.',
      ),
    h('p', { class: 'hint' }, `Ends ${toMoment(new Date(link.expiresAt))}`),
    h(
      'div',
      { class: 'tools' },
      password !== undefined && createCopy(`${url}\n${password}`, 'Link and password', 'Copy both'),
      canShare && button('Share…', share, '', 'i-share'),
      toggle,
    ),
    qr,
    h('footer', {}, button('Done', close, 'primary')),
  ]
}
