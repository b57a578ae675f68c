// Line plots as SVG text, readable on light and dark pages.

export interface Line {
  readonly name: string
  readonly values: readonly number[]
}

export interface Plot {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  /** The value at the left edge. */
  readonly xStart: number
  readonly lines: readonly Line[]
  readonly ticks: readonly number[]
  readonly isLog: boolean
}

const SIZE = { width: 760, height: 340, left: 64, right: 190, top: 40, bottom: 44 }
const COLOURS = ['#2266cc', '#cc3311', '#ee7733', '#7a7a7a', '#009966', '#aa3377']

export function toSvg(plot: Plot): string {
  const { title, xLabel, yLabel, xStart, lines, ticks, isLog } = plot
  const scale = (value: number): number => (isLog ? Math.log10(value) : value)
  const [low, high] = [Math.min(...ticks), Math.max(...ticks)]
  const innerWidth = SIZE.width - SIZE.left - SIZE.right
  const innerHeight = SIZE.height - SIZE.top - SIZE.bottom
  const count = Math.max(...lines.map(({ values }) => values.length))
  const x = (index: number): number => SIZE.left + (innerWidth * index) / Math.max(1, count - 1)
  const y = (value: number): number => {
    const part = (scale(Math.max(low, value)) - scale(low)) / (scale(high) - scale(low))
    return SIZE.top + innerHeight * (1 - Math.min(1, part))
  }
  const text = (atX: number, atY: number, words: string, more = ''): string =>
    `<text x="${atX.toFixed(1)}" y="${atY.toFixed(1)}" ${more}>${words}</text>`
  const grid = ticks.map(
    (tick) =>
      `<path d="M${SIZE.left} ${y(tick).toFixed(1)}h${innerWidth}" stroke="#8884"/>${text(SIZE.left - 8, y(tick) + 4, String(tick), 'text-anchor="end"')}`,
  )
  const every = Math.ceil(count / 12)
  const marks = Array.from({ length: count }, (_, index) =>
    index % every === 0
      ? text(x(index), SIZE.height - 24, String(index + xStart), 'text-anchor="middle"')
      : '',
  )
  const paths = lines.map(({ name, values }, index) => {
    const colour = COLOURS[index % COLOURS.length] ?? '#000'
    const points = values.map((value, at) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`)
    const legendY = SIZE.top + 18 * index + 8
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>
<path d="M${SIZE.width - SIZE.right + 14} ${legendY - 4}h18" stroke="${colour}" stroke-width="3"/>${text(SIZE.width - SIZE.right + 38, legendY, name)}`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" role="img" aria-label="${title}">
<style>text{font:12px system-ui,sans-serif;fill:#777}</style>
${text(SIZE.left, 22, title, 'font-weight="600"')}
${grid.join('\n')}
${marks.join('')}
${text(SIZE.left + innerWidth / 2, SIZE.height - 6, xLabel, 'text-anchor="middle"')}
${text(0, 0, yLabel, `transform="translate(14 ${SIZE.top + innerHeight / 2}) rotate(-90)" text-anchor="middle"`)}
${paths.join('\n')}
</svg>
`
}
