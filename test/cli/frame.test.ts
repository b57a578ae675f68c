// What holds for every command: help with an example, --json, bad usage in one line that repeats nothing typed.
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listExamples } from '../../src/cli/frame/command.ts'
import { createShell } from '../../src/cli/frame/shell.ts'
import { createProgram } from '../../src/cli/program.ts'
import { VERSION } from '../../src/version.ts'
import { runCli } from '../support/cli.ts'

function listPaths(command: CommandUnknownOpts, path: readonly string[]): readonly string[][] {
  const below = command.commands.flatMap((sub) => listPaths(sub, [...path, sub.name()]))
  return listExamples(command).length > 0 ? [[...path], ...below] : [...below]
}

function findCommand(path: readonly string[]): CommandUnknownOpts {
  return path.reduce<CommandUnknownOpts>(
    (at, word) => at.commands.find((sub) => sub.name() === word) ?? at,
    createProgram(createShell()),
  )
}

const paths = listPaths(createProgram(createShell()), [])

test('the commands', () => {
  expect(paths.map((path) => path.join(' '))).toMatchInlineSnapshot(`
    [
      "presign",
      "upload",
      "download",
      "explain",
      "init",
      "doctor",
      "token",
      "token check",
      "link create",
      "link list",
      "link show",
      "link edit",
      "link revoke",
      "link sign",
      "grants explain",
      "revoke",
      "keys new",
    ]
  `)
})

describe.each(paths.map((path) => ({ name: path.join(' '), path })))('$name', ({ name, path }) => {
  test('--help shows an example, and --json is there', async () => {
    const { code, out, err } = await runCli([...path, '--help'])
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain(`Usage: postern ${name}`)
    expect(out).toContain(`postern ${name}`.trim())
    expect(out).toMatch(new RegExp(`Examples:\n  # .+\n  .*postern ${name}`))
    expect(out).toContain('--json')
  })

  test('its examples use options that it has', () => {
    const command = findCommand(path)
    const known = command.options.map(({ long }) => long)
    for (const { line } of listExamples(command)) {
      const own = line.slice(line.indexOf(`postern ${name}`)).split('|')[0] ?? ''
      // Not within quotes.
      const flags = own.replaceAll(/'[^']*'|"[^"]*"/g, '').match(/--[a-z][a-z-]*/g) ?? []
      expect(flags.filter((flag) => !known.includes(flag))).toEqual([])
    }
  })

  test('an unknown option is bad usage, and is not repeated', async () => {
    const { code, out, err } = await runCli([...path, '--s3cr3t-AKIDEXAMPLE=1'])
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(/^postern .*: .+ \(see postern .* --help\)\n$/)
    expect(err).not.toContain('s3cr3t')
  })
})

describe('hints', () => {
  test.each([
    [['tokn'], 'postern: there is no such command; did you mean token? (see postern --help)\n'],
    [
      ['keys', 'nw'],
      'postern keys: there is no such command; did you mean new? (see postern keys --help)\n',
    ],
    [
      ['token', '--sbu', 'alice'],
      'postern token: there is no such option; did you mean --sub? (see postern token --help)\n',
    ],
    [[], 'postern: a command is needed (see postern --help)\n'],
    [
      ['token', 'check'],
      "postern token check: missing required argument 'token' (see postern token check --help)\n",
    ],
    [
      ['token', '--sub'],
      "postern token: option '--sub <subject>' argument missing (see postern token --help)\n",
    ],
  ])('%j', async (args, line) => {
    expect(await runCli(args)).toEqual({ code: 2, out: '', err: line })
  })
})

test('a process: streams and exit codes', () => {
  const run = (...args: readonly string[]) => {
    const main = join(import.meta.dirname, '../../src/cli/main.ts')
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
      encoding: 'utf8',
    })
    return [status, stdout, stderr]
  }
  expect(run('--version')).toEqual([0, `${VERSION}\n`, ''])
  expect(run('nothing')).toEqual([2, '', expect.stringContaining('there is no such command')])
})

test('a reader that has enough ends it without a word', () => {
  const main = join(import.meta.dirname, '../../src/cli/main.ts')
  const env = { ...process.env, AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' }
  const { stdout, stderr } = spawnSync(
    'sh',
    [
      '-c',
      `seq 3000 | sed 's,^,s3://b/,' | "$0" "$1" presign --batch - | head -n 1`,
      process.execPath,
      main,
    ],
    { encoding: 'utf8', env },
  )
  expect(stdout).toMatch(/^https:\/\/\S+\n$/)
  expect(stderr).toBe('')
})
