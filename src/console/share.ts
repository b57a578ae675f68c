// The dialogs that make a link, of files or of all below a folder, and change one.
import type { LinkAnswer, LinkBody } from '../contract/link.ts'
import type { App } from './app.ts'
import { createForm, openDialog } from './dialog.ts'
import type { Child } from './dom.ts'
import { createLinkForm } from './link-form.ts'
import { createMade } from './link-made.ts'
import { toName } from './places.ts'
import { say } from './say.ts'

interface Ask {
  readonly title: string
  readonly submit: string
  readonly children: readonly Child[]
  readonly toBody: () => LinkBody
}

export function openMaker({ client }: App, { title, submit, children, toBody }: Ask): void {
  const dialog = openDialog(title)
  const send = async (): Promise<void> => {
    const link = await client.links.create(toBody())
    dialog.show(...createMade(link, dialog.close))
    say('The link is made')
  }
  dialog.show(createForm(dialog, { submit, children, send }))
}

/** What was given and is not a change of something: without its nulls a patch is a new link's terms. */
export type Terms = Omit<LinkBody, 'bucket' | 'key' | 'keys' | 'prefix'>

export function openShare(
  app: App,
  { bucket, keys, prefix }: { bucket: string; keys?: readonly string[]; prefix?: string },
): void {
  const [first = '', second] = keys ?? []
  const form = createLinkForm('open')
  const name = prefix === undefined ? toName(first) : toName(prefix) || bucket
  const target =
    prefix !== undefined
      ? { prefix }
      : second === undefined
        ? { key: first }
        : { keys: [...(keys ?? [])] }
  openMaker(app, {
    title: second === undefined ? `Share ${name}` : `Share ${keys?.length} files`,
    submit: 'Make the link',
    children: form.children,
    // A new link's form has no nulls.
    toBody: () => ({ bucket, ...target, ...(form.read() as Terms) }),
  })
}

/** Changes the terms of a link; a new password is shown. */
export function openEdit(
  { client }: App,
  link: LinkAnswer,
  onChanged: (link: LinkAnswer) => void,
): void {
  const dialog = openDialog(`Edit ${link.label ?? 'the link'}`)
  const form = createLinkForm(link.upload === undefined ? 'open' : 'request', link)
  const send = async (): Promise<void> => {
    const changed = await client.links.update(link.id, form.read())
    onChanged(changed)
    if (changed.password === undefined) dialog.close()
    else dialog.show(...createMade(changed, dialog.close))
    say('The link is changed')
  }
  dialog.show(createForm(dialog, { submit: 'Save', children: form.children, send }))
}
