// The `postern` command as a process.
import { createShell } from './frame/shell.ts'
import { runProgram } from './frame/run.ts'
import { createProgram } from './program.ts'

const shell = createShell()
process.exitCode = await runProgram(createProgram(shell), process.argv.slice(2), shell)
