// The one polite live region of the page: what a screen reader is told when something has happened elsewhere.
import { h } from './dom.ts'

const region = h('p', { class: 'sr', role: 'status' })

/** Puts the region where it is heard: while a dialog is open everything outside of it is inert. */
export function say(text: string): void {
  const dialogs = document.querySelectorAll('dialog[open]')
  const place = dialogs[dialogs.length - 1] ?? document.body
  if (region.parentElement !== place) place.append(region)
  // The same words again are only said when the text changes.
  region.textContent = region.textContent === text ? `${text}\u00a0` : text
}
