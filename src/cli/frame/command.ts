// A command as all of them are: `--json`, `--help` with examples, and errors as one line that repeats nothing typed.
import { Command, type CommandUnknownOpts, type Option } from '@commander-js/extra-typings'
import type { Shell } from './shell.ts'

export interface Example {
  readonly what: string
  readonly line: string
}

const examples = new WeakMap<CommandUnknownOpts, readonly Example[]>()

export function listExamples(command: CommandUnknownOpts): readonly Example[] {
  return examples.get(command) ?? []
}

function toHelpText(given: readonly Example[]): string {
  const lines = given.map(({ what, line }) => `  # ${what}\n  ${line.replaceAll('\n', '\n  ')}`)
  return `\nExamples:\n${lines.join('\n\n')}`
}

/** What an option does, with its default and choices: the same text in --help and in the manual. */
export function describeOption(option: Option): string {
  const { description, defaultValue, argChoices } = option
  const choices = argChoices === undefined ? '' : `: ${argChoices.join(', ')}`
  const preset =
    typeof defaultValue === 'string' || typeof defaultValue === 'number'
      ? ` (default ${defaultValue})`
      : ''
  return `${description}${choices}${preset}`
}

/** A command that only has others below it. */
export function createGroup(shell: Shell, name: string, summary: string) {
  return (
    new Command(name)
      .summary(summary)
      .description(summary)
      .helpCommand(false)
      .helpOption('-h, --help', 'show this')
      // An option belongs to the command that it follows.
      .enablePositionalOptions()
      .configureHelp({ optionDescription: describeOption })
      .exitOverride()
      .configureOutput({ writeOut: (text) => shell.print(text.trimEnd()), writeErr: () => {} })
  )
}

/** A command that does something. `description` is the paragraph that its page in the manual begins with. */
export function createCommand(
  shell: Shell,
  name: string,
  text: {
    readonly summary: string
    readonly description: string
    readonly examples: readonly Example[]
  },
) {
  const command = createGroup(shell, name, text.summary)
    .description(text.description)
    .option('--json', 'answer in JSON on standard output', false)
    .addHelpText('after', toHelpText(text.examples))
  examples.set(command, text.examples)
  return command
}
