// The `postern` command without a process: its own program, with what a process would give it given.
import { createProgram } from '../../src/cli/program.ts'
import { runProgram } from '../../src/cli/frame/run.ts'
import type { Shell } from '../../src/cli/frame/shell.ts'

export interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface Given extends Partial<Pick<Shell, 'env' | 'cwd' | 'now' | 'isTerminal'>> {
  readonly input?: string
  /** What a person answers, one question after the other; without them nobody is there. */
  readonly answers?: readonly string[]
}

export async function runCli(args: readonly string[], given: Given = {}): Promise<Outcome> {
  let out = ''
  let err = ''
  const answers = [...(given.answers ?? [])]
  const shell: Shell = {
    env: given.env ?? {},
    cwd: given.cwd ?? process.cwd(),
    now: given.now ?? (() => Date.now()),
    print: (text) => {
      out += `${text}\n`
    },
    note: (text) => {
      err += `${text}\n`
    },
    readInput: async () => given.input ?? '',
    isTerminal: given.isTerminal ?? false,
    ask: async (question) => {
      err += `${question}\n`
      return answers.shift() ?? null
    },
  }
  const code = await runProgram(createProgram(shell), args, shell)
  return { code, out, err }
}
