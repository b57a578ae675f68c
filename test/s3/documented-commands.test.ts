// Every command and program of README, recipes and quick start, run as it stands: the first two against this suite's S3, the last against `npm start`.
import { execFile, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { unstable_readConfig } from 'wrangler'
import { findBlocks } from '../support/documented.ts'
import { mintHmac } from '../support/mint.ts'
import { createBucket } from '../support/s3/bucket.ts'
import { gateway } from '../support/s3/client.ts'
import { type GatewayFacts, startGateway } from '../support/s3/gateway.ts'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'postern-documented-'))
const run = promisify(execFile)
const read = (name: string): string => readFileSync(join(root, name), 'utf8')
const blocksOf = (name: string) => findBlocks(read(name))

/** A refusal ends the script, unless the document itself asks for the status. */
const STRICT = `set -euo pipefail
curl() { case " $* " in *http_code*) command curl "$@" ;; *) command curl --fail-with-body -sS "$@" ;; esac; }
`

/** Runs the shell blocks of a document as one session, so that one may use what another has set. */
async function runShell(
  name: string,
  rewrite: (text: string) => string,
  env: Record<string, string>,
): Promise<string> {
  const text = blocksOf(name)
    .filter(({ language, reason }) => language === 'sh' && reason === undefined)
    .map((block) => rewrite(block.text))
    .join('\n')
  const script = join(folder, `${name.replaceAll('/', '-')}.sh`)
  writeFileSync(script, STRICT + text)
  const { stdout } = await run('bash', [script], { cwd: folder, env: { ...process.env, ...env } })
  return stdout
}

describe('README and recipes', () => {
  let facts: GatewayFacts
  let stop: () => Promise<void>

  const mint = (claims: Record<string, string>): Promise<string> => {
    const now = Math.floor(Date.now() / 1000)
    const times = { iat: now, exp: now + 3600 }
    const all = { iss: 'https://login.test', aud: facts.url, ...times, ...claims }
    const secret = new TextEncoder().encode(facts.sessionSecret)
    return mintHmac({ header: { alg: 'HS256' }, claims: all }, secret)
  }

  /** The grants of the recipes themselves. */
  function readGrants(): unknown {
    const blocks = blocksOf('docs/recipes.md').filter(({ language }) => language === 'toml')
    const file = join(folder, 'wrangler.toml')
    writeFileSync(file, `name = "x"\n${blocks.map(({ text }) => text).join('\n')}`)
    return unstable_readConfig({ config: file }).vars['GRANTS']
  }

  beforeAll(async () => {
    const started = await startGateway(() => ({ GRANTS: readGrants() }), gateway.script)
    facts = started.facts
    stop = started.stop
    const bucket = createBucket(facts)
    const keys = ['report.pdf', 'photo.png', 'a.csv', 'b.csv', 'album/1.txt']
    for (const key of keys) await bucket.put(`users/alice/${key}`, 'stored')
  })
  afterAll(() => stop())

  const here = (text: string): string => text.replaceAll('https://files.example.com', facts.url)

  test.each(['README.md', 'docs/recipes.md'])('the commands of %s', async (name) => {
    const env = {
      TOKEN: await mint({ sub: 'alice' }),
      SERVICE_TOKEN: await mint({ sub: 'billing', role: 'service' }),
    }
    const stdout = await runShell(name, here, env)
    // What only a stored object, and only a signature, could bring.
    expect(stdout).toContain('stored')
    expect(stdout).toContain('X-Amz-Signature=')
  })

  const programs = blocksOf('docs/recipes.md').filter(({ language }) => language === 'js')
  test.each(programs)('the program of recipes.md at line $line', async ({ text }) => {
    const image = { src: '' }
    const file = new File(['bytes of a file'], 'from a page.txt', { type: 'text/plain' })
    const token = await mint({ sub: 'alice' })
    // The document's own code, as a page would have it; `stored` and `image` are what it ends with.
    const source = `return (async () => { ${here(text)}; return typeof stored === 'undefined' ? undefined : stored })()`
    // oxlint-disable-next-line no-implied-eval, no-new-func
    const program = new Function('token', 'file', 'image', source)
    const stored: unknown = await program(token, file, image)
    if (stored === undefined) expect(await (await fetch(image.src)).text()).toBe('stored')
    else expect(stored).toMatchObject({ key: 'users/alice/from a page.txt', size: file.size })
  })
})

describe('quick start', () => {
  let port: number
  let end: () => Promise<void>

  beforeAll(async () => {
    port = await new Promise<number>((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const address = server.address()
        server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0))
      })
    })
    const child = spawn(process.execPath, ['scripts/start.ts', '--port', String(port)], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    end = async () => {
      child.kill('SIGTERM')
      await ended
    }
    for await (const line of createInterface({ input: child.stdout }))
      if (line.startsWith('export TOKEN=')) break
    child.stdout.resume()
  })
  afterAll(() => end())

  test('its commands', async () => {
    // The local bucket outlives a run, and nothing in it is replaced: alice is somebody new each time.
    const name = `alice-${crypto.randomUUID()}`
    const rewrite = (text: string): string =>
      text
        .replaceAll('localhost:8787', `localhost:${port}`)
        .replaceAll(
          'npm run -s token -- --sub alice',
          `npm run -s token -- --port ${port} --sub alice`,
        )
        .replaceAll('alice', name)
        .replace(`hello from ${name}`, 'hello from alice')
        .replaceAll('npm run', `npm --prefix ${root} run`)
    const stdout = await runShell('docs/quick-start.md', rewrite, {})
    expect(stdout).toContain(`"sub":"${name}"`)
    expect(stdout).toContain('hello from alice')
    expect(stdout).toContain('/l/')
    expect(stdout).toMatch(/403\n401\n$/)
  })
})

test('what is not run says why', () => {
  for (const name of ['README.md', 'docs/quick-start.md', 'docs/recipes.md']) {
    const skipped = blocksOf(name).filter(({ reason }) => reason !== undefined)
    for (const { reason = '' } of skipped) expect(reason.length).toBeGreaterThan(20)
    const programs = blocksOf(name).filter(({ language }) => language === 'js')
    // Programs are run of recipes alone.
    if (name !== 'docs/recipes.md')
      expect(programs.filter(({ reason }) => reason === undefined)).toEqual([])
  }
})
