// The table of docs/client.md: each measurement writes its own row when it ends, those of others stay.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** In the order of the table. */
const TITLES = [
  '20 % of the PUTs fail',
  '50 % of the PUTs fail',
  '20 % of the PUTs fail, beside Uppy',
  '50 ms, 8 MB/s a connection',
  'calls of the gateway',
  'many small files',
  'heap of a large file',
  'reloads and killed tabs',
] as const

export interface Row {
  readonly title: (typeof TITLES)[number]
  /** Of what, how often. */
  readonly of: string
  readonly ours: string
  readonly uppy?: string
}

const PAGE = join(import.meta.dirname, '../../docs/client.md')
const HEAD = ['| | of | postern/client | Uppy 6.3.1 | against |', '|---|---|---|---|---|']

export function writeRow({ title, of, ours, uppy = '' }: Row, store: string): void {
  const day = new Date().toISOString().slice(0, 10)
  const row = `| ${title} | ${of} | ${ours} | ${uppy} | ${store}, ${day} |`
  process.stdout.write(`${row}\n`)
  const text = readFileSync(PAGE, 'utf8')
  const marks = /(?<=<!-- bench:upload -->\n)[^]*(?=<!-- \/bench:upload -->)/
  const [old = ''] = marks.exec(text) ?? []
  const known = new Map(
    old.split('\n').map((line) => [line.split(' | ')[0]?.replace(/^\| /, ''), line]),
  ).set(title, row)
  const rows = TITLES.flatMap((name) => known.get(name) ?? [])
  writeFileSync(PAGE, text.replace(marks, `\n${[...HEAD, ...rows].join('\n')}\n\n`))
}
