// The `postern` command as a process.
import { createShell } from './frame/shell.ts'
import { runProgram } from './frame/run.ts'
import { createProgram } from './program.ts'

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `… | head`: whoever reads has enough, and nothing went wrong.
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})
const shell = createShell()
process.exitCode = await runProgram(createProgram(shell), process.argv.slice(2), shell)
