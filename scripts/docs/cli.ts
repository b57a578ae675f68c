// docs/cli.md from the commands' own definitions: what --help prints is what the manual says.
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { describeOption, listExamples } from '../../src/cli/frame/command.ts'
import { createProgram } from '../../src/cli/program.ts'
import { CLI_NOTES } from './cli-notes.ts'

/** Definitions only: nothing is run. */
const program = createProgram({
  env: {},
  cwd: '.',
  now: () => 0,
  print: () => {},
  note: () => {},
  readInput: async () => '',
  isTerminal: false,
  ask: async () => null,
})

const toPath = (command: CommandUnknownOpts): string =>
  command.parent === null ? command.name() : `${toPath(command.parent)} ${command.name()}`

const listLeaves = (command: CommandUnknownOpts): readonly CommandUnknownOpts[] => [
  ...(listExamples(command).length > 0 ? [command] : []),
  ...command.commands.flatMap(listLeaves),
]

const toAnchor = (path: string): string => path.replaceAll(' ', '-')

/** A bar would end the cell of a table. */
const toCell = (text: string): string => text.replaceAll('|', '\\|')

function toSynopsis(command: CommandUnknownOpts): string {
  const words = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '…' : ''}`
    return argument.required ? name.toUpperCase() : `[${name.toUpperCase()}]`
  })
  return [toPath(command), ...words, '[options]'].join(' ')
}

function toPage(command: CommandUnknownOpts): string {
  const path = toPath(command)
  const rows = [
    ...command.registeredArguments.map(
      (argument) => `| \`${argument.name().toUpperCase()}\` | ${toCell(argument.description)} |`,
    ),
    ...command.options.map(
      (option) => `| \`${toCell(option.flags)}\` | ${toCell(describeOption(option))} |`,
    ),
  ]
  const examples = listExamples(command).map(({ what, line }) => `# ${what}\n${line}`)
  return [
    `## ${path}`,
    `\`\`\`\n${toSynopsis(command)}\n\`\`\``,
    command.description(),
    `| option | what |\n|---|---|\n${rows.join('\n')}`,
    `\`\`\`sh\n${examples.join('\n\n')}\n\`\`\``,
    ...(CLI_NOTES[path] === undefined ? [] : [CLI_NOTES[path]]),
  ].join('\n\n')
}

export function toCli(): string {
  const leaves = listLeaves(program)
  const table = leaves.map((command) => {
    const path = toPath(command)
    return `| [\`${path}\`](#${toAnchor(path)}) | ${toCell(command.summary())} |`
  })
  return `# The \`postern\` command\n\n${CLI_NOTES['postern']}\n\n| command | does |\n|---|---|\n${table.join('\n')}\n\n${leaves.map(toPage).join('\n\n')}\n`
}
