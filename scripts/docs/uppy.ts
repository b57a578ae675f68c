// The table of docs/uppy.md: each mode on each provider, from what the providers can, marked where the suite has seen it.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Capabilities, capabilitiesOf, PROVIDERS } from '../../src/core/sign/provider.ts'
import { type Mode, MODES, type Row, ROWS, toPromises } from './uppy-promises.ts'

/** What a run of `npm run test:uppy` wrote down of one mode. */
export interface SeenMode {
  readonly rows: { [R in Row]?: string }
  /** How long the file in parts took, and what happened to it. */
  readonly seconds: number
  readonly mishaps: Readonly<Record<string, number>>
}
export type Seen = { [M in Mode]?: SeenMode }
interface Run {
  readonly mib: number
  readonly seed: number
  readonly modes: Seen
}

const FILE = join(import.meta.dirname, '../../docs/uppy/seen.json')
const EMBEDDED_PATH = '/cdn-cgi/local/r2/s3'
const TITLES: { readonly [M in Mode]: string } = {
  'postern/uppy': '`postern/uppy`',
  signRequest: '`signRequest`',
  companion: 'Companion',
}

interface Column {
  readonly name: string
  readonly can: Capabilities
  readonly run: Run | undefined
}

function toColumns(runs: { readonly [store: string]: Run }): Column[] {
  const columns = PROVIDERS.map((name) => {
    return { name: `\`${name}\``, can: capabilitiesOf(name, ''), run: runs[name] }
  })
  const embedded = { can: capabilitiesOf('r2', EMBEDDED_PATH), run: runs['embedded'] }
  return [...columns, { name: 'local R2', ...embedded }]
}

function toCell(mode: Mode, row: Row, { name, can, run }: Column): string {
  const promised = toPromises(mode, can)[row]
  const seen = run?.modes[mode]?.rows[row]
  if (run === undefined) return promised
  if (seen !== promised)
    throw new Error(`${mode}, ${row} on ${name}: promised ${promised}, seen ${seen}`)
  return `**${promised}**`
}

function toTable(mode: Mode, columns: readonly Column[]): string {
  const rows = Object.entries(ROWS).map(([row, label]) => {
    // The keys of ROWS are its type.
    const cells = columns.map((column) => toCell(mode, row as Row, column))
    return `| ${label} | ${cells.join(' | ')} |`
  })
  const head = `| ${TITLES[mode]} | ${columns.map(({ name }) => name).join(' | ')} |`
  return [head, `|---${'|---'.repeat(columns.length)}|`, ...rows].join('\n')
}

function toRun({ name, run }: Column): string[] {
  if (run === undefined) return []
  return MODES.flatMap((mode) => {
    const seen = run.modes[mode]
    if (seen === undefined) return []
    const counts = Object.entries(seen.mishaps).map(([kind, count]) => `${count} × ${kind}`)
    return `| ${TITLES[mode]} | ${name} | ${run.mib} MiB and 6 MiB | ${seen.seconds} s | ${counts.join(', ')} |`
  })
}

export function toUppyTables(): string {
  // What the suite has written.
  const runs = existsSync(FILE)
    ? (JSON.parse(readFileSync(FILE, 'utf8')) as { [store: string]: Run })
    : {}
  const columns = toColumns(runs)
  const tables = MODES.map((mode) => `${toTable(mode, columns)}\n`)
  const measured = columns.flatMap(toRun)
  const head = '| mode | storage | sent | time | mishaps |\n|---|---|---|---|---|'
  return [
    ...tables,
    'What the bold cells of “in parts over a bad line” were, on one loaded machine with two cores, S3 beside it:\n',
    `${head}\n${measured.join('\n')}\n`,
  ].join('\n')
}
