// The findings as a table: what was looked at, what was found, what to do.
import type { Finding, Level } from './finding.ts'

const MARKS: { readonly [L in Level]: string } = {
  ok: 'ok',
  warning: 'warning',
  fault: 'FAULT',
  skipped: '-',
}

/** Findings of one place under its name, each on a line, what to do below it. */
function toRows(findings: readonly Finding[]): readonly string[] {
  const width = Math.max(...findings.map(({ check }) => check.length))
  return findings.flatMap(({ check, level, detail, remedy }) => {
    const line = `  ${MARKS[level].padEnd(7)}  ${check.padEnd(width)}  ${detail}`
    const below = `  ${' '.repeat(7)}  ${' '.repeat(width)}  → ${remedy ?? ''}`
    return remedy === undefined ? [line] : [line, below]
  })
}

export function countLevels(findings: readonly Finding[]): { readonly [L in Level]: number } {
  const counts = { ok: 0, warning: 0, fault: 0, skipped: 0 }
  for (const { level } of findings) counts[level] += 1
  return counts
}

export function toTable(findings: readonly Finding[]): string {
  const places = [...new Set(findings.map(({ bucket }) => bucket))]
  const blocks = places.map((place) => {
    const rows = toRows(findings.filter(({ bucket }) => bucket === place))
    return [place === undefined ? 'wrangler.toml' : `bucket ${place}`, ...rows].join('\n')
  })
  const { ok, warning, fault, skipped } = countLevels(findings)
  const sum = `faults: ${fault}, warnings: ${warning}, ok: ${ok}, not looked at: ${skipped}`
  return [...blocks, sum].join('\n\n')
}
