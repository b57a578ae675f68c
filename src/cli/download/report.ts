// What a download says: progress while it runs, a line for each object, and the sum.
import { relative } from 'node:path'
import type { Shell } from '../frame/shell.ts'
import { createDisplay, toShown } from '../transfer/display.ts'
import { toSizeText } from '../transfer/units.ts'
import { toFault } from './fault.ts'
import type { Fetched } from './object.ts'
import type { Target } from './targets.ts'

export interface Tally {
  files: number
  bytes: number
  failed: number
  /** Bytes that an earlier run had stored. */
  resumedBytes: number
}

export interface Report {
  readonly tally: Readonly<Tally>
  /** How an object that is begun gets on. */
  watch(target: Target): {
    onSize(size: number): void
    onBytes(total: number): void
    onRestart(why: 'changed' | 'unproven'): void
  }
  done(target: Target, path: string, fetched: Fetched): void
  failed(target: Target, error: unknown): void
  end(): void
}

export function createReport(
  shell: Shell,
  targets: readonly Target[],
  { isQuiet, isJson }: { readonly isQuiet: boolean; readonly isJson: boolean },
): Report {
  const isSilent = isQuiet || isJson
  const display = createDisplay(shell, {
    isQuiet: isSilent,
    totalBytes: targets.reduce((sum, { size }) => sum + (size ?? 0), 0),
    totalFiles: targets.length,
  })
  const tally: Tally = { files: 0, bytes: 0, failed: 0, resumedBytes: 0 }
  let bytesNow = 0
  return {
    tally,
    watch({ bucket, key, size: listed }) {
      let [had, expected] = [0, listed ?? 0]
      return {
        onSize(size) {
          display.grow(size - expected)
          expected = size
        },
        onBytes(total) {
          bytesNow += total - had
          had = total
          display.move(bytesNow, tally.files)
        },
        onRestart(why) {
          const what = why === 'changed' ? 'has changed in the bucket' : 'is not what was stored'
          display.line(`${bucket}/${key} ${what}: it is fetched anew`)
        },
      }
    },
    done({ bucket, key }, path, fetched) {
      const { size, resumedBytes } = fetched
      tally.files += 1
      tally.bytes += size
      tally.resumedBytes += resumedBytes
      const file = relative(shell.cwd, path)
      if (isJson) shell.print(JSON.stringify({ ok: true, file, bucket, key, ...fetched }))
      const before = resumedBytes > 0 ? `, ${toSizeText(resumedBytes)} of it before` : ''
      display.line(`${bucket}/${key} → ${file} (${toSizeText(size)}${before})`)
    },
    failed({ bucket, key }, error) {
      const fault = toFault(error)
      if (fault === null) throw error
      tally.failed += 1
      const { reason, ...data } = fault
      const text = `${toShown(`${bucket}/${key}`)}: ${reason}`
      if (isJson) shell.print(JSON.stringify({ ok: false, bucket, key, ...data, error: reason }))
      else if (isSilent) shell.note(text)
      else display.line(text)
    },
    end: display.end,
  }
}
