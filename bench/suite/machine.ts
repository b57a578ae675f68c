// On what a bench was run, as words.
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os'

export function describeMachine(): string {
  const workerd = createRequire(import.meta.url).resolve('workerd/bin/workerd')
  const version = execFileSync(workerd, ['--version'], { encoding: 'utf8' }).trim()
  const memory = (totalmem() / 2 ** 30).toFixed(0)
  const model = cpus()[0]?.model.trim() ?? 'unknown CPU'
  return `${availableParallelism()} CPUs (${model}), ${memory} GiB, ${type()} ${release()} ${process.arch}, Node ${process.version}, ${version}`
}

/** Processes that wanted a CPU in the last minute: a quiet machine has none but the bench. */
export const readLoad = (): string => loadavg()[0]?.toFixed(1) ?? '?'
