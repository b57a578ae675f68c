// Where the command keeps what it must know after it was killed, and how it writes there.
import { randomUUID, createHash } from 'node:crypto'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import type { Shell } from '../frame/shell.ts'

/** XDG Base Directory Specification: a relative path counts as none. */
export function findStateFolder({ env }: Shell): string {
  const named = env['XDG_STATE_HOME'] ?? ''
  const local = env['LOCALAPPDATA'] ?? ''
  if (isAbsolute(named)) return join(named, 'postern')
  if (process.platform === 'win32' && isAbsolute(local)) return join(local, 'postern', 'state')
  return join(env['HOME'] ?? homedir(), '.local', 'state', 'postern')
}

/** Nobody else's to read: it names files and people. */
export function makeFolder(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return folder
}

/** The old text or the new one, never a half of it. */
export function writeWhole(path: string, text: string): void {
  const draft = `${path}.${randomUUID()}.tmp`
  writeFileSync(draft, text, { mode: 0o600, flag: 'wx' })
  renameSync(draft, path)
}

/** A file name that any text has for its own. */
export function toFileName(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 40)
}
