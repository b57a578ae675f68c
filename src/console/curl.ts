// A signed PUT as a line for curl, for machines and for people who like them.
import type { App } from './app.ts'
import { createForm, openDialog } from './dialog.ts'
import { button, h } from './dom.ts'
import { toField } from './fields.ts'
import { toMoment } from './format.ts'
import { createOutput } from './link-made.ts'
import { type Place, toPlaceName } from './places.ts'

/** In single quotes nothing means anything to a shell but the quote itself. */
const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

export interface SignPutBody {
  readonly bucket: string
  readonly key: string
  /** Bytes. */
  readonly size: number
  readonly type: string
}
interface SignedPut {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/** curl tells the length of the file by itself. */
export function toCurl({ url, headers }: SignedPut, file: string): string {
  const fields = Object.entries(headers)
    .filter(([name]) => name !== 'content-length' && name !== 'host')
    .map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`)
  return ['curl', '--fail', '-T', quote(file), ...fields, quote(url)].join(' ')
}

export function openCurl({ sign }: App, { bucket, prefix }: Place): void {
  const dialog = openDialog(`Upload with curl into ${toPlaceName({ bucket, prefix })}`)
  const name = h('input', {
    required: true,
    maxlength: 1024,
    spellcheck: 'false',
    placeholder: 'report.pdf',
  })
  const size = h('input', { type: 'number', min: 0, required: true })
  const type = h('input', {
    required: true,
    value: 'application/octet-stream',
    spellcheck: 'false',
  })
  const picker = h('input', {
    type: 'file',
    hidden: true,
    onchange: () => {
      const file = picker.files?.[0]
      if (file === undefined) return
      name.value = file.name
      size.value = String(file.size)
      type.value = file.type || 'application/octet-stream'
    },
  })
  const send = async (): Promise<void> => {
    const signed = await sign({
      bucket,
      key: prefix + name.value,
      size: Number(size.value),
      type: type.value,
    })
    dialog.show(
      createOutput('Run this where the file is', toCurl(signed, name.value), 6),
      h(
        'p',
        { class: 'hint' },
        `Good until ${toMoment(new Date(signed.expiresAt))}, for this name, size and type alone. It replaces nothing.`,
      ),
      h('footer', {}, button('Done', dialog.close, 'primary')),
    )
  }
  const fill = h(
    'p',
    {},
    picker,
    button('Fill in from a file…', () => picker.click()),
    h('span', { class: 'hint' }, ' Only its name, size and type are read.'),
  )
  const children = [
    fill,
    toField('File name', name),
    h('div', { class: 'pair' }, toField('Size in bytes', size), toField('Content type', type)),
  ]
  dialog.show(createForm(dialog, { submit: 'Make the line', children, send }))
}
