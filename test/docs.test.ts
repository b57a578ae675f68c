// What the documents say is there: links resolve, scripts exist, JSON parses, commands print what they promise.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const documents = [
  'README.md',
  'AGENTS.md',
  'examples/own-worker/README.md',
  'examples/upload/README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
]
const scripts: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts

describe.each(documents)('%s', (name) => {
  const text = readFileSync(join(root, name), 'utf8')

  test('its links lead somewhere', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) => link)
    const broken = links.filter((link) => !existsSync(join(root, dirname(name), link)))
    expect(broken).toEqual([])
  })

  test('its npm scripts exist', () => {
    const named = [...text.matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, script = '']) => script)
    for (const script of named) expect(scripts).toHaveProperty([script])
  })

  test('its JSON parses', () => {
    for (const [, json = ''] of text.matchAll(/```json\n([^]*?)```/g))
      expect(JSON.parse(json)).toBeTypeOf('object')
  })
})

/** The cells of the table that begins with this head. */
function rowsOf(text: string, head: string): string[][] {
  const [, , ...lines] = (text.slice(text.indexOf(head)).split('\n\n', 1)[0] ?? '').split('\n')
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

/** Whether a reference, a file and the name of a test, names one that there is. */
function isTest(reference: string): boolean {
  const [, file = '', name = ''] = /^`(test\/[\w/.-]+)`: (.+)$/.exec(reference) ?? []
  if (file === '' || !existsSync(join(root, file))) return false
  const source = readFileSync(join(root, file), 'utf8')
  return ["'", '"', '`'].some((quote) => source.includes(`${quote}${name}${quote}`))
}

describe('docs/reliability.md', () => {
  const text = readFileSync(join(root, 'docs/reliability.md'), 'utf8')
  const cases = rowsOf(text, '| case | the caller sees |')
  test('every case says what is seen, who tries again, why nothing is lost, and names a test that there is', () => {
    expect(cases.length).toBeGreaterThan(30)
    for (const cells of cases) {
      expect([cells[0], cells.filter((cell) => cell !== '').length]).toEqual([cells[0], 5])
      expect([cells[0], isTest(cells[4] ?? '')]).toEqual([cells[0], true])
    }
  })
  test('no fault that an operator must expect is missing', () => {
    const named = ['KV', 'Durable Object', 'S3', 'JWKS', 'clock', 'isolate killed', 'deploy']
    for (const name of [...named, 'rotation'])
      expect([name, cases.some(([head = '']) => head.startsWith(`**${name}**`))]).toEqual([
        name,
        true,
      ])
  })
})

describe('docs/links.md beside others', () => {
  const text = readFileSync(join(root, 'docs/links.md'), 'utf8')
  const compared = rowsOf(text, '| | Postern |')
  const shown = rowsOf(text, '| row | test |')

  test('every cell of others has a source that is named below, or says that there is none', () => {
    expect(compared.length).toBeGreaterThan(5)
    for (const [row, , ...others] of compared) {
      expect([row, others.length]).toEqual([row, 6])
      for (const cell of others) {
        const source = /\[\[(\w+)\]\]$/.exec(cell)?.[1]
        const isSourced = source !== undefined && text.includes(`\n[${source}]: https://`)
        expect([row, cell, isSourced]).toEqual([row, cell, cell !== 'not looked at'])
      }
    }
  })

  test('every row of ours names a test that there is', () => {
    expect(shown.map(([row]) => row)).toEqual(compared.map(([row]) => row))
    for (const [, reference = ''] of shown)
      expect([reference, isTest(reference)]).toEqual([reference, true])
  })
})

test('npm run cors prints the rules of a bucket, and refuses one that is not there', () => {
  const run = (...args: readonly string[]): string =>
    execFileSync(process.execPath, [join(root, 'scripts/cors.ts'), ...args], {
      cwd: root,
      encoding: 'utf8',
      stdio: 'pipe',
    })
  expect(JSON.parse(run('media'))).toEqual({
    CORSRules: [
      {
        AllowedOrigins: ['https://files.example.com', 'https://app.example.com'],
        AllowedMethods: ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'],
        AllowedHeaders: [
          'content-type',
          'cache-control',
          'content-disposition',
          'content-encoding',
          'content-md5',
          'range',
          'x-amz-meta-mtime',
          'x-amz-meta-postern-upload',
          'if-none-match',
          'if-match',
          ...['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'].map(
            (name) => `x-amz-checksum-${name}`,
          ),
          'x-amz-storage-class',
          'x-amz-tagging',
          'x-amz-server-side-encryption',
        ],
        ExposeHeaders: ['ETag', 'Content-Range', 'x-amz-version-id'],
        MaxAgeSeconds: 3600,
      },
    ],
  })
  expect(() => run('nowhere')).toThrow('no such bucket')
})
