// Runs what is loaded when it is first wanted, so that the page itself is small.
import { openDialog } from './dialog.ts'
import { h } from './dom.ts'
import type * as rare from './rare.ts'
import { say } from './say.ts'

/** The dialog or view comes as soon as its script is there; without a connection it says so. */
export function later(run: (loaded: typeof rare) => void): void {
  import('./rare.ts').then(run, () => {
    const text = 'This part of the page could not be loaded. Check your connection, then try again.'
    openDialog('Not loaded').show(h('p', {}, text))
    say(text)
  })
}
