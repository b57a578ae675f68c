// Temporary folders of a bench, all gone when it ends.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let root: string | null = null

export function makeFolder(): string {
  if (root === null) {
    const made = mkdtempSync(join(tmpdir(), 'postern-bench-'))
    process.once('exit', () => rmSync(made, { recursive: true, force: true }))
    root = made
  }
  return mkdtempSync(join(root, 'part-'))
}
