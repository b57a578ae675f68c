// Runs one command line: exit code 0 done, 1 refused or failed, 2 bad usage.
import { CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { Shell } from './shell.ts'
import { Failure, Refused, UsageError } from './usage.ts'

/** The command that the words lead to. */
function findCommand(program: CommandUnknownOpts, args: readonly string[]): CommandUnknownOpts {
  const next = program.commands.find((command) => command.name() === args[0])
  return next === undefined ? program : findCommand(next, args.slice(1))
}

function toPath(command: CommandUnknownOpts): string {
  return command.parent === null ? command.name() : `${toPath(command.parent)} ${command.name()}`
}

/** The parser's own texts repeat what was typed; the names that it proposes are ours. */
function toText({ code, message }: CommanderError): string {
  const proposed = /\(Did you mean (.+)\?\)/.exec(message)?.[1]
  const hint = proposed === undefined ? '' : `; did you mean ${proposed}?`
  if (code === 'commander.unknownOption') return `there is no such option${hint}`
  if (code === 'commander.unknownCommand') return `there is no such command${hint}`
  if (code === 'commander.excessArguments') return 'too many arguments'
  if (code === 'commander.help') return 'a command is needed'
  if (code === 'commander.invalidArgument') return toInvalid(message)
  return message.replace(/^error: /, '')
}

/** `option '--type <type>' argument 'VALUE' is invalid. Allowed choices are …`, or `… for argument 'type'. Allowed …`. */
function toInvalid(message: string): string {
  const option = /^error: option '([^']*)'/.exec(message)?.[1]
  const choices = /Allowed choices are [^']*$/.exec(message)?.[0] ?? 'It is not valid.'
  return `${option ?? 'an argument'}: ${choices.replace(/\.$/, '')}`
}

const isHelp = (error: CommanderError): boolean =>
  error.code === 'commander.helpDisplayed' || error.code === 'commander.version'

/** A bug's own text may quote what it was given, so its name alone is told. */
function toFailure(error: unknown, { env }: Shell): Failure {
  if (error instanceof Failure) return error
  if (env['POSTERN_DEBUG'] === '1') throw error
  const name = error instanceof Error ? error.name : 'unknown'
  return new Failure(`internal error (${name}); POSTERN_DEBUG=1 shows where`)
}

/** Returns the exit code. */
export async function runProgram(
  program: CommandUnknownOpts,
  args: readonly string[],
  shell: Shell,
): Promise<number> {
  const command = findCommand(program, args)
  try {
    await program.parseAsync([...args], { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError && isHelp(error)) return 0
    if (error instanceof CommanderError || error instanceof UsageError) {
      const text = error instanceof UsageError ? error.message : toText(error)
      const path = toPath(command)
      shell.note(`${path}: ${text} (see ${path} --help)`)
      return 2
    }
    if (error instanceof Refused) return 1
    const failure = toFailure(error, shell)
    if (command.opts()['json'] === true)
      shell.print(JSON.stringify({ ok: false, error: failure.message, ...failure.data }))
    else shell.note(`${toPath(command)}: ${failure.message}`)
    return 1
  }
}
