// All that a built Worker prints while tests run, and the secrets of those tests that must not stand in it.
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { countTainted } from '../taint.ts'

/** How long a line may be on its way through workerd's pipe. */
const PATIENCE_MS = 5000

export interface Output {
  /** A file to which tests, in processes of their own, add what they must not find again. */
  readonly marks: string
  print(line: string): void
  /** Rejects when a request has no line in the log, or a secret stands in any line. */
  judge(secrets: readonly string[]): Promise<void>
}

/** From a test: a secret that it has seen or made. */
export function markSecret(marks: string, secret: string): void {
  appendFileSync(marks, `secret ${secret}\n`)
}

/** From a test: the id of a request that was answered, so that its line must come. */
export function markRequest(marks: string, id: string): void {
  appendFileSync(marks, `request ${id}\n`)
}

function readMarks(file: string, kind: 'secret' | 'request'): Set<string> {
  const lines = readFileSync(file, 'utf8').split('\n')
  return new Set(
    lines.flatMap((line) => (line.startsWith(`${kind} `) ? [line.slice(kind.length + 1)] : [])),
  )
}

export function createOutput(): Output {
  const marks = join(mkdtempSync(join(tmpdir(), 'postern-output-')), 'marks')
  writeFileSync(marks, '')
  let printed = ''
  let onLine = (): void => undefined

  /** Lines come through a pipe, and later than their answers. */
  async function waitFor(ids: ReadonlySet<string>): Promise<void> {
    const missing = () => [...ids].filter((id) => !printed.includes(id))
    const untilMs = Date.now() + PATIENCE_MS
    const timer = setTimeout(() => onLine(), PATIENCE_MS + 50)
    while (Date.now() < untilMs && missing().length > 0)
      await new Promise<void>((resolve) => {
        onLine = resolve
      })
    clearTimeout(timer)
    const count = missing().length
    if (count > 0) throw new Error(`${count} of ${ids.size} requests have no line in the log`)
  }

  return {
    marks,
    print(line) {
      printed += `${line}\n`
      onLine()
    },
    async judge(secrets) {
      await waitFor(readMarks(marks, 'request'))
      const found = countTainted(printed, new Set([...secrets, ...readMarks(marks, 'secret')]))
      if (found > 0) throw new Error(`${found} secrets stand in what the Worker printed`)
    },
  }
}
