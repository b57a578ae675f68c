// What a transfer shows on standard error: a bar with speed and time left on a terminal, else a line for each file.
import { MultiBar } from 'cli-progress'
import { createSpeed } from '../../client/speed.ts'
import type { Shell } from '../frame/shell.ts'
import { toSizeText, toSpanText } from './units.ts'

const WIDTH = 28

export interface Display {
  /** So many bytes of all are there. */
  move(bytes: number, doneFiles: number): void
  /** There are so many more than was known. */
  grow(bytes: number): void
  /** Stays, above the bar. */
  line(text: string): void
  end(): void
}

export interface DisplayOptions {
  readonly totalBytes: number
  readonly totalFiles: number
  readonly isQuiet: boolean
  /** Where the bar is; standard error by default. */
  readonly stream?: NodeJS.WritableStream
}

/** Terminals obey control characters; a file's name may hold them. */
export function toShown(text: string): string {
  return text.replaceAll(/\p{C}/gu, '�')
}

function createBar(
  shell: Shell,
  { totalBytes: knownBytes, totalFiles, stream = process.stderr }: DisplayOptions,
): Display {
  let totalBytes = knownBytes
  const speed = createSpeed()
  let before: number | null = null
  const bars = new MultiBar({
    stream,
    hideCursor: true,
    clearOnComplete: true,
    forceRedraw: true,
    format(_, { progress }, { bytes = 0, files = 0 }: { bytes?: number; files?: number }) {
      const filled = Math.min(WIDTH, Math.round(progress * WIDTH))
      const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled)
      const rate = speed.perSecond()
      const left = rate > 0 ? (totalBytes - bytes) / rate : Number.NaN
      const size = `${toSizeText(bytes)} of ${toSizeText(totalBytes)}`
      const count = totalFiles > 1 ? `  ${files}/${totalFiles} files` : ''
      const pace = `${toSizeText(rate)}/s  ${toSpanText(left)} left`
      return `${bar} ${Math.floor(progress * 100)} %  ${size}  ${pace}${count}`
    },
  })
  const bar = bars.create(Math.max(1, totalBytes), 0, {})
  return {
    move(bytes, files) {
      // What an earlier run has stored says nothing about the line.
      speed.add(before === null ? 0 : Math.max(0, bytes - before), shell.now())
      before = bytes
      bar.update(bytes, { bytes, files })
    },
    grow(bytes) {
      totalBytes += bytes
      bar.setTotal(Math.max(1, totalBytes))
    },
    line: (text) => (bars.isActive ? bars.log(`${toShown(text)}\n`) : shell.note(toShown(text))),
    end() {
      if (!bars.isActive) return
      // Lines wait for the next time that it draws.
      bars.update()
      bars.stop()
    },
  }
}

export function createDisplay(shell: Shell, options: DisplayOptions): Display {
  if (options.isQuiet) return { move() {}, grow() {}, line() {}, end() {} }
  if (shell.isTerminal) return createBar(shell, options)
  return { move() {}, grow() {}, line: (text) => shell.note(toShown(text)), end() {} }
}
