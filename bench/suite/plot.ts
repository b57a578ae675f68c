// The bench as one picture: throughput as bars with the range of their rounds, latencies as points; readable on light and dark pages.
import type { Figures } from './measure.ts'

export interface Row {
  readonly name: string
  readonly isOurs: boolean
  readonly figures: Figures
}

const ROW = 24
const TOP = 64
const BARS = { left: 330, width: 300 }
const POINTS = { left: 690, width: 270 }
const WIDTH = 980
const [OURS, OTHERS] = ['#2266cc', '#999999']
/** Milliseconds. */
const [LEAST, MOST] = [0.1, 1000]

const plain = (name: string): string =>
  name.replaceAll(/[*`]/g, '').replaceAll('&', '&amp;').replaceAll('<', '&lt;')

const text = (x: number, y: number, words: string, more = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${words}</text>`

function toX(ms: number): number {
  const part = Math.log10(Math.min(MOST, Math.max(LEAST, ms)) / LEAST) / Math.log10(MOST / LEAST)
  return POINTS.left + POINTS.width * part
}

function toBar({ rates, rate }: Figures, base: number, y: number, colour: string): string {
  const scale = (value: number): number => Math.min(1.2, value / base) * (BARS.width / 1.2)
  const [low, high] = [Math.min(...rates), Math.max(...rates)].map(scale)
  const end = BARS.left + scale(rate)
  return `<path d="M${BARS.left} ${y - 6}H${end.toFixed(1)}V${y + 6}H${BARS.left}z" fill="${colour}"/>
<path d="M${(BARS.left + (low ?? 0)).toFixed(1)} ${y}H${(BARS.left + (high ?? 0)).toFixed(1)}" stroke="#777"/>${text(BARS.left + (high ?? 0) + 5, y + 4, (rate / base).toFixed(2))}`
}

function toPoints({ p50, p95, p99 }: Figures, y: number, colour: string): string {
  return `<path d="M${toX(p50).toFixed(1)} ${y}H${toX(p99).toFixed(1)}" stroke="${colour}"/>${[
    p50,
    p95,
    p99,
  ]
    .map(
      (ms, at) => `<circle cx="${toX(ms).toFixed(1)}" cy="${y}" r="${5 - at}" fill="${colour}"/>`,
    )
    .join('')}`
}

/** `base` is the throughput that is 1. */
export function toSvg(rows: readonly Row[], base: number): string {
  const height = TOP + ROW * rows.length + 34
  const bottom = TOP + ROW * rows.length
  const grid = [0, 0.5, 1].map((share) => {
    const x = BARS.left + (BARS.width * share) / 1.2
    return `<path d="M${x} ${TOP - 8}V${bottom}" stroke="#8884"/>${text(x, TOP - 14, String(share), 'text-anchor="middle"')}`
  })
  const ticks = [0.1, 1, 10, 100, 1000].map(
    (ms) =>
      `<path d="M${toX(ms).toFixed(1)} ${TOP - 8}V${bottom}" stroke="#8884"/>${text(toX(ms), TOP - 14, String(ms), 'text-anchor="middle"')}`,
  )
  const lines = rows.map(({ name, isOurs, figures }, at) => {
    const [y, colour] = [TOP + ROW * at + 8, isOurs ? OURS : OTHERS]
    return `${text(BARS.left - 10, y + 4, plain(name), 'text-anchor="end"')}
${toBar(figures, base, y, colour)}
${toPoints(figures, y, colour)}`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Throughput and latencies of Postern and its peers">
<style>text{font:12px system-ui,sans-serif;fill:#777}</style>
${text(BARS.left, 24, 'Throughput, hello = 1', 'font-weight="600"')}
${text(POINTS.left, 24, 'Latency in ms: p50, p95, p99', 'font-weight="600"')}
${grid.join('\n')}
${ticks.join('\n')}
${lines.join('\n')}
${text(BARS.left, height - 8, 'Blue is Postern. Lines through bars: lowest and highest round. Latencies at a fixed rate, see the table.')}
</svg>
`
}
