// What a command has of the process that runs it: given, so that tests run commands without one.
import { createInterface } from 'node:readline/promises'

export interface Shell {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The folder that relative paths and the local gateway's files are looked for in. */
  readonly cwd: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** One line, or several, on standard output: what was asked for, and nothing else. */
  readonly print: (text: string) => void
  /** On standard error: notes and warnings for people. */
  readonly note: (text: string) => void
  /** All of standard input. */
  readonly readInput: () => Promise<string>
  /** Whether a person watches standard error. */
  readonly isTerminal: boolean
  /** One line from a person; null where none can be asked, or none is given. */
  readonly ask: (question: string) => Promise<string | null>
}

async function readStandardInput(): Promise<string> {
  process.stdin.setEncoding('utf8')
  let text = ''
  for await (const chunk of process.stdin) text += String(chunk)
  return text
}

async function askPerson(question: string): Promise<string | null> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return null
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await prompt.question(question)
  } catch {
    // Ctrl-D, Ctrl-C: no answer.
    return null
  } finally {
    prompt.close()
  }
}

export function createShell(): Shell {
  return {
    env: process.env,
    cwd: process.cwd(),
    now: () => Date.now(),
    print: (text) => process.stdout.write(`${text}\n`),
    note: (text) => process.stderr.write(`${text}\n`),
    readInput: readStandardInput,
    isTerminal: process.stderr.isTTY,
    ask: askPerson,
  }
}
