// Ctrl-C and its like: what is stored stays, and the user hears how to go on.
import type { Shell } from '../frame/shell.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The answer ends that. The state is on disk at any time, so that nothing needs to be written now. */
export function onInterrupt(shell: Shell, end: () => void, what: string): () => void {
  const stop = (): void => {
    end()
    shell.note(`stopped; ${what}`)
    process.exit(1)
  }
  for (const signal of SIGNALS) process.once(signal, stop)
  return () => {
    for (const signal of SIGNALS) process.removeListener(signal, stop)
  }
}
