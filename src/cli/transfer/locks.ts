// One holder of a name at a time over all processes: each announces itself by a file, then looks whether another is there.
// Whoever finds a living other takes his announcement back, so two never hold; that both may give way is settled by chance.
// A process that was killed leaves a file: its number is no longer alive, or the file is no longer touched.
import { randomUUID } from 'node:crypto'
import { readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Locks, Ports } from '../../client/ports.ts'
import { wait } from '../../client/control.ts'
import { makeFolder, toFileName } from './state.ts'

const TOUCH_MS = 5000
/** On a folder of several machines, or where a number was given to another process, only this tells. */
const DEAD_MS = 60_000
const LOOK_MS = 400

type Role = 'hold' | 'wait'

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Another user's process is one.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

export function createLockFiles(
  folder: string,
  { clock, random }: Pick<Ports, 'clock' | 'random'>,
): Locks & { close(): void } {
  const host = toFileName(hostname()).slice(0, 8)
  const own = new Set<string>()

  function announce(name: string, role: Role): () => void {
    makeFolder(folder)
    const file = `${toFileName(name)}.${role}.${host}.${process.pid}.${randomUUID()}`
    writeFileSync(join(folder, file), '', { mode: 0o600, flag: 'wx' })
    own.add(file)
    return () => {
      own.delete(file)
      rmSync(join(folder, file), { force: true })
    }
  }

  function isAlive(file: string): boolean {
    const [, , at, pid] = file.split('.')
    const path = join(folder, file)
    try {
      const isFresh = clock.now() - statSync(path).mtimeMs < DEAD_MS
      if (isFresh && (at !== host || isRunning(Number(pid)))) return true
      rmSync(path, { force: true })
    } catch {
      // Gone by itself.
    }
    return false
  }

  function isOther(name: string, role: Role): boolean {
    const start = `${toFileName(name)}.${role}.`
    const files = readdirSync(folder).filter((file) => file.startsWith(start))
    return files.some((file) => !own.has(file) && isAlive(file))
  }

  /** Of this process; others of it are seen by files as well. */
  const held = new Set<string>()
  function tryHold(name: string): (() => void) | null {
    if (held.has(name)) return null
    const leave = announce(name, 'hold')
    if (isOther(name, 'hold')) {
      leave()
      return null
    }
    held.add(name)
    return () => {
      held.delete(name)
      leave()
    }
  }

  let cancel: (() => void) | null = null
  function touch(): void {
    cancel = null
    for (const file of own) {
      try {
        utimesSync(join(folder, file), clock.now() / 1000, clock.now() / 1000)
      } catch {
        // Cleared away by somebody: the upload is safe without, sent twice at worst.
      }
    }
    if (own.size > 0) cancel = clock.after(TOUCH_MS, touch)
  }

  return {
    async hold(name, signal, run) {
      let leave = tryHold(name)
      const hasWaited = leave === null
      const stand = hasWaited ? announce(name, 'wait') : null
      try {
        cancel ??= clock.after(TOUCH_MS, touch)
        while (leave === null) {
          await wait(clock, LOOK_MS * (0.5 + random()))
          if (signal.aborted) return
          leave = tryHold(name)
        }
        stand?.()
        await run(hasWaited)
      } finally {
        stand?.()
        leave?.()
      }
    },
    async isAwaited(name) {
      const start = `${toFileName(name)}.wait.`
      return readdirSync(folder).some((file) => file.startsWith(start) && isAlive(file))
    },
    close() {
      cancel?.()
      for (const file of own) rmSync(join(folder, file), { force: true })
    },
  }
}
