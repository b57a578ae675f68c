// The commands of docs/deploy.md that need no account, run as they stand in an empty project with the built package.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parsePosternKey } from '../../src/core/seal.ts'
import { findBlocks } from '../support/documented.ts'

const root = join(import.meta.dirname, '../..')
const blocks = findBlocks(readFileSync(join(root, 'docs/deploy.md'), 'utf8')).filter(
  ({ language }) => language === 'sh',
)
const isMarked = (text: string): boolean => /unverified|files\.example\.com\/|\$TOKEN/.test(text)

/** Where npx would look: the project's own. */
const NPX = `set -euo pipefail
npx() { case $1 in
  postern) shift; node "${root}/src/cli/main.ts" "$@" ;;
  wrangler) shift; node "${root}/node_modules/wrangler/bin/wrangler.js" "$@" ;;
  *) exit 1 ;;
esac; }
`

test('what is not run is marked, with the reason', () => {
  const reasons = blocks.flatMap(({ reason }) => reason ?? [])
  expect(reasons.filter((reason) => reason.length <= 20)).toEqual([])
  // A line without a mark beside lines with one would pass for run.
  const beside = blocks
    .filter(({ text, reason }) => reason === undefined && isMarked(text))
    .flatMap(({ text }) => text.split(/(?<!\\)\n/))
  const unmarked = beside.filter((line) => line.trim() !== '' && !/unverified|^curl /.test(line))
  expect(unmarked).toEqual([])
})

test('the others end well', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'postern-guide-'))
  const installed = join(cwd, 'node_modules/postern')
  mkdirSync(installed, { recursive: true })
  cpSync(join(root, 'package.json'), join(installed, 'package.json'))
  symlinkSync(join(root, 'dist'), join(installed, 'dist'))
  const run = blocks.filter(({ text, reason }) => reason === undefined && !isMarked(text))
  expect(run.length).toBeGreaterThanOrEqual(2)
  writeFileSync(join(cwd, 'guide.sh'), NPX + run.map(({ text }) => text).join('\n'))
  const path = `${join(process.execPath, '..')}:${process.env['PATH']}`
  const env = { ...process.env, PATH: path, WRANGLER_SEND_METRICS: 'false' }
  const out = execFileSync('bash', ['guide.sh'], { cwd, env, encoding: 'utf8', stdio: 'pipe' })
  expect(out).toContain('env.POSTERN_KV')
  const secrets = JSON.parse(readFileSync(join(cwd, 'secrets.json'), 'utf8'))
  expect(parsePosternKey(secrets.POSTERN_KEY)).toHaveLength(32)
})
