// `postern explain`: what a signed URL, a form or an error of S3 says, and why S3 refuses.
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createCommand } from '../frame/command.ts'
import type { Shell } from '../frame/shell.ts'
import { collect, Failure, UsageError } from '../frame/usage.ts'
import { parseError } from '../explain/error.ts'
import { explain } from '../explain/explain.ts'
import type { Report } from '../explain/finding.ts'
import { type Input, parseInput } from '../explain/input.ts'

const TEXT = {
  summary: 'say what a signed URL binds, and why S3 refuses it',
  description:
    'Explains a pre-signed URL (version 4 or 2), a POST policy or form, or an error of S3: what is bound and what is not, until when, which mistakes it shows or invites. Given a URL and the error that it got, it finds the first difference between what was signed and what S3 saw. Nothing is sent anywhere; signatures and tokens are not printed.',
  examples: [
    {
      what: 'a URL, in quotes',
      line: `postern explain 'https://acme-media.s3.amazonaws.com/a.txt?X-Amz-…'`,
    },
    { what: 'what S3 answered', line: `curl -s "$URL" | postern explain -` },
    {
      what: 'both, and what the client sent',
      line: `postern explain url.txt --error error.xml --method PUT --header 'content-type: image/png'`,
    },
  ],
}

const MARKS = { fault: '✗', warning: '!', note: '·' } as const

function print(shell: Shell, report: Report): void {
  const width = Math.max(...report.facts.map(([name]) => name.length), 0)
  for (const [name, value] of report.facts) shell.print(`${name.padEnd(width)}  ${value}`)
  for (const [title, lines] of [
    ['bound by the signature', report.bound],
    ['not bound', report.unbound],
  ] as const)
    if (lines.length > 0) shell.print(`\n${title}:\n${lines.map((line) => `  ${line}`).join('\n')}`)
  if (report.facts.length > 0) shell.print('')
  const order = ['fault', 'warning', 'note'] as const
  const sorted = report.findings.toSorted(
    (one, other) => order.indexOf(one.level) - order.indexOf(other.level),
  )
  for (const { level, code, text } of sorted)
    shell.print(`${MARKS[level]} ${level} ${code}: ${text}`)
  if (!sorted.some(({ level }) => level === 'fault'))
    shell.print('nothing is wrong with it on its face')
}

/** A file, standard input, or the text itself. */
async function readText(shell: Shell, given: string): Promise<string> {
  if (given === '-') return shell.readInput()
  const file = resolve(shell.cwd, given)
  // No file has such a name, and its length could be refused.
  if (/https?:|[\n{<]/.test(given)) return given
  if (!existsSync(file)) throw new UsageError('a URL, a file or "-" is needed; put a URL in quotes')
  return readFileSync(file, 'utf8')
}

/** What the client sends, where it is told; else what the input itself says. */
function withSent(input: Input, method: string | undefined, headers: readonly string[]): Input {
  if (input.kind !== 'url') return input
  const pairs = headers.map((text) => {
    const colon = text.indexOf(':')
    if (colon < 1) throw new UsageError('--header is name: value')
    return [text.slice(0, colon).trim(), text.slice(colon + 1).trim()] as const
  })
  const { request } = input
  return {
    ...input,
    request: {
      ...request,
      method: method?.toUpperCase() ?? request.method,
      headers: pairs.length > 0 ? new Map(pairs) : request.headers,
    },
  }
}

export function explainCommand(shell: Shell) {
  return createCommand(shell, 'explain', TEXT)
    .argument('<what>', 'a URL, a file with one, with an error, form or policy, or "-"')
    .option(
      '--error <file>',
      'the error that the URL or form got; "-" reads it from standard input',
    )
    .option('--method <method>', 'the method that the URL was signed for')
    .option(
      '--header <name: value>',
      'a header as it was signed or sent; may stand several times',
      collect,
      [],
    )
    .action(async (what, { error: file, method, header, json }) => {
      if (what === '-' && file === '-') throw new UsageError('one of both can be standard input')
      const input = parseInput(await readText(shell, what))
      if (input === null)
        throw new Failure('nothing in it is a signed URL, a form, or an error of S3')
      const error = file === undefined ? undefined : parseError(await readText(shell, file))
      if (error === null) throw new Failure('--error holds no error document of S3')
      const report = explain(withSent(input, method, header), error, shell.now())
      if (json) shell.print(JSON.stringify(report))
      else print(shell, report)
    })
}
