// Links on a terminal: one in full, many in a table. Their URLs are what was asked for.
import type { LinkAnswer } from '../../contract/link.ts'

function toPlace({ bucket, key, keys, prefix }: LinkAnswer): string {
  if (key !== undefined) return `${bucket}/${key}`
  return keys === undefined ? `${bucket}/${prefix ?? ''}` : `${bucket}: ${keys.join(', ')}`
}

function toUse({ used, maxDownloads, uploaded, upload }: LinkAnswer): string {
  if (upload !== undefined) return `${uploaded ?? 0} of ${upload.maxFiles} files received`
  return maxDownloads === undefined ? '' : `${used} of ${maxDownloads} downloads`
}

const HIDDEN = new Set([
  'id',
  'url',
  'bucket',
  'key',
  'keys',
  'prefix',
  'state',
  'createdAt',
  'expiresAt',
  'used',
  'uploaded',
  'hasPassword',
  'password',
  'maxDownloads',
  'upload',
])

export function toLines(link: LinkAnswer): string {
  const use = toUse(link)
  const terms = Object.entries(link).filter(([name]) => !HIDDEN.has(name))
  const rows: readonly (readonly [string, string])[] = [
    ['id', link.id],
    ['opens', toPlace(link)],
    ['state', link.state],
    ['created', link.createdAt],
    ['ends', link.expiresAt],
    ...(use === '' ? [] : [['used', use] as const]),
    ...(link.hasPassword ? [['password', link.password ?? 'needed'] as const] : []),
    ...(link.upload === undefined
      ? []
      : [
          [
            'takes',
            `${link.upload.types.join(', ')} up to ${link.upload.maxBytes} bytes each`,
          ] as const,
        ]),
    ...terms.map(
      ([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const,
    ),
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')
}

export function toTable(links: readonly LinkAnswer[]): string {
  const rows = links.map((link) => [
    link.id,
    link.state,
    link.expiresAt,
    toUse(link),
    link.label ?? '',
    toPlace(link),
  ])
  const widths = [0, 1, 2, 3, 4].map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
