// The dialog that makes a request for files: a link by which others send files in, and see nothing.
import type { App } from './app.ts'
import { h } from './dom.ts'
import { toField } from './fields.ts'
import { createLinkForm } from './link-form.ts'
import { type Place, toName } from './places.ts'
import { openMaker, type Terms } from './share.ts'

const KINDS = [
  ['*/*', 'Any file'],
  ['image/*', 'Pictures'],
  ['image/* video/*', 'Pictures and videos'],
  ['application/pdf', 'PDF documents'],
] as const

/** A link by which others send files in, below the place. */
export function openRequest(app: App, { bucket, prefix }: Place): void {
  const form = createLinkForm('request')
  const types = h('select', {}, ...KINDS.map(([value, text]) => h('option', { value }, text)))
  const number = { type: 'number', min: 1, required: true }
  const size = h('input', { ...number, value: 100, max: 1_000_000 })
  const files = h('input', { ...number, value: 20, max: 1000 })
  openMaker(app, {
    title: `Request files for ${toName(prefix) || bucket}`,
    submit: 'Make the link',
    children: [
      h('p', {}, 'Whoever has the link can send files into this folder, and see nothing of it.'),
      h(
        'div',
        { class: 'pair' },
        toField('Files at most', files),
        toField('MB each at most', size),
        toField('Which', types),
      ),
      ...form.children,
    ],
    toBody: () => ({
      bucket,
      prefix,
      upload: {
        maxBytes: Number(size.value) * 1_000_000,
        types: types.value.split(' '),
        maxFiles: Number(files.value),
      },
      ...(form.read() as Terms),
    }),
  })
}
