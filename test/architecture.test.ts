// The rooms and arrows of docs/architecture.md, held by reading every import of src.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const src = join(root, 'src')
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) =>
  /\.tsx?$/.test(name),
)

interface Source {
  readonly name: string
  readonly text: string
  /** Specifiers, with relative ones as paths below src; types only or not. */
  readonly imports: readonly { readonly target: string; readonly isType: boolean }[]
}

function toSource(name: string): Source {
  const text = readFileSync(join(src, name), 'utf8')
  const found = [...text.matchAll(/^(?:import|export)\s([^'"]*?)from '([^']+)'/gms)]
  const imports = found.map(([, clause = '', specifier = '']) => ({
    target: specifier.startsWith('.')
      ? relative(src, join(src, dirname(name), specifier))
      : specifier,
    isType: /^type\b/.test(clause.trim()),
  }))
  return { name, text, imports }
}

const sources = files.map(toSource)
const roomOf = (path: string): string => (path.includes('/') ? (path.split('/')[0] ?? '') : path)

/** For each room, the rooms and packages that it may import values or types from. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  contract: ['contract', 'valibot'],
  core: ['core', 'contract', 'ports.ts', 'aws4fetch', 'valibot'],
  config: ['config', 'core', 'ports.ts', 'valibot'],
  adapters: ['adapters', 'contract', 'core', 'ports.ts', 'cloudflare:workers'],
  http: ['http', 'core', 'contract', 'config', 'ports.ts', 'version.ts', 'hono', 'valibot'],
  client: ['client', 'contract'],
  console: ['console', 'client', 'contract', 'lean-qr/nano'],
  cli: [
    'cli',
    'core',
    'client',
    'config',
    'contract',
    '../scripts/local.ts',
    'version.ts',
    'adapters/sts.ts',
    'adapters/xml.ts',
    '@commander-js/extra-typings',
    'jose/jwt/sign',
    'jose/key/import',
    'valibot',
    'wrangler',
    'cli-progress',
    'mime',
    'node:child_process',
    'node:crypto',
    'node:fs',
    'node:fs/promises',
    'node:http',
    'node:https',
    'node:module',
    'node:os',
    'node:path',
    'node:readline/promises',
    'node:timers/promises',
    'node:url',
    'node:util',
    'node:worker_threads',
    'node:zlib',
  ],
  'app.ts': ['http', 'core', 'hono'],
  'deps.ts': ['adapters', 'config', 'core', 'http', 'ports.ts'],
  'index.ts': ['app.ts', 'deps.ts', 'scheduled.ts', 'adapters'],
  'scheduled.ts': ['core', 'http'],
  'ports.ts': ['contract', 'core'],
  'version.ts': [],
}

describe('arrows', () => {
  test.each(sources)('$name imports only what its room may', ({ name, imports }) => {
    const allowed = MAY_IMPORT[roomOf(name)] ?? []
    const refused = imports.filter(
      ({ target }) => !allowed.includes(target) && !allowed.includes(roomOf(target)),
    )
    expect(refused).toEqual([])
  })

  // Who holds the credentials himself needs nobody's leave; a route does.
  test.each(['presignPath', 'signForm'])(
    '%s, which takes no permit, is for the command',
    (name) => {
      const users = sources.filter(({ text }) => new RegExp(`\\b${name}\\b`).test(text))
      expect([...new Set(users.map(({ name: path }) => path.replace(/\/[^/]*$/, '')))]).toEqual([
        'cli/presign',
        'core/sign',
      ])
    },
  )

  test('no cycles of value imports', () => {
    const graph = new Map(
      sources.map(({ name, imports }) => [
        name,
        imports.filter(({ isType }) => !isType).map(({ target }) => target),
      ]),
    )
    const done = new Set<string>()
    const visit = (name: string, trail: readonly string[]): void => {
      expect(trail).not.toContain(name)
      if (done.has(name)) return
      for (const target of graph.get(name) ?? []) visit(target, [...trail, name])
      done.add(name)
    }
    for (const name of graph.keys()) visit(name, [])
  })
})

/** What core must not touch: the platform, the clock, chance. */
const FORBIDDEN_IN_CORE =
  /\bfetch\(|Date\.now|new Date\(\)|Math\.random|getRandomValues|randomUUID|setTimeout|caches\.|console\./

describe('style', () => {
  test.each(sources.filter(({ name }) => name.startsWith('core/')))('$name is pure', ({ text }) => {
    expect(text).not.toMatch(FORBIDDEN_IN_CORE)
  })
  test.each(sources)('$name is short and says what it is', ({ text }) => {
    expect(text.split('\n').length).toBeLessThanOrEqual(250)
    expect(text).toMatch(/^\/\/ .+/)
  })
  test.each(sources)('$name has no any, non-null assertion, enum or ts-ignore', ({ text }) => {
    const code = text.replaceAll(/\/\/.*|'[^'\n]*'|`[^`]*`/g, '')
    expect(code).not.toMatch(/\bas any\b|: any\b|@ts-|\benum \w/)
    expect(code).not.toMatch(/[\w)\]]!(?:[.,;)\]]|$)/m)
  })
})
