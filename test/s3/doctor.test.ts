// `postern doctor` at a real store: it finds nothing where all is right, and each fault that is planted.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toCorsXml } from '../../src/cli/doctor/cors-file.ts'
import type { Finding } from '../../src/cli/doctor/finding.ts'
import { toCorsRule } from '../../src/core/sign/cors.ts'
import { capabilitiesOf } from '../../src/core/sign/provider.ts'
import { runCli } from '../support/cli.ts'
import { createProject, type Project, type Settings } from '../support/project.ts'
import { gateway } from '../support/s3/client.ts'
import { createOwnBucket, type OwnBucket } from '../support/s3/own-bucket.ts'
import { expectUntainted } from '../support/taint.ts'

const isCeph = gateway.s3.kind === 'external'
const PAGES = ['http://localhost:8787', 'http://localhost:4997']
const rule = toCorsRule({ can: capabilitiesOf('ceph', '') }, PAGES)
let own: OwnBucket

const setCors = (more: Partial<typeof rule> = {}) =>
  own.set('cors', toCorsXml({ ...rule, ...more }))

beforeAll(async () => {
  own = await createOwnBucket(gateway.s3)
  if (isCeph) await setCors()
})
// Fails where doctor has left anything: only an empty bucket can go.
afterAll(() => own.drop())

interface Report {
  readonly code: number
  readonly findings: readonly Finding[]
}

async function examine(
  { cwd, secrets }: Project,
  args: readonly string[] = [],
  more: { readonly now?: () => number; readonly answers?: readonly string[] } = {},
): Promise<Report & { readonly err: string }> {
  const { code, out, err } = await runCli(['doctor', '--json', ...args], { cwd, ...more })
  const all = [...Object.values(secrets), gateway.s3.secretAccessKey, gateway.s3.accessKeyId]
  expectUntainted(
    out + err,
    all.filter((secret) => secret !== ''),
  )
  return { code, err, ...JSON.parse(out) }
}

const listBad = ({ findings }: Report) =>
  findings.filter(({ level }) => level === 'fault' || level === 'warning')

test('all is right: no fault, no warning, and nothing is left behind', async () => {
  const report = await examine(createProject(own.s3), ['--gateway', gateway.url])
  expect(listBad(report)).toEqual([])
  expect(report.code).toBe(0)
  const checks = report.findings.filter(({ level }) => level === 'ok').map(({ check }) => check)
  expect(checks).toContain('removal')
  expect(checks).toContain('gateway')
  expect(await own.read('list-type=2')).not.toContain('<Key>users/.postern-doctor')
  if (isCeph) expect(await own.read('uploads')).not.toContain('<UploadId>')
})

test('--read-only writes nothing', async () => {
  const { code, findings } = await examine(createProject(own.s3), ['--read-only'])
  expect(code).toBe(0)
  expect(findings.map(({ check }) => check)).not.toContain('removal')
  expect(findings.at(-1)).toMatchObject({ check: 'write', level: 'skipped' })
})

interface Planted {
  readonly what: string
  readonly settings?: () => Settings
  readonly args?: readonly string[]
  readonly now?: () => number
  /** Done to the bucket before, and undone after. */
  readonly plant?: () => Promise<void>
  readonly uproot?: () => Promise<void>
  readonly found: readonly [check: string, level: 'fault' | 'warning', detail: RegExp]
}

const rewrite = (from: string | RegExp, to: string) => (): Settings => ({
  rewrite(toml) {
    const changed = toml.replaceAll(from, to)
    if (changed === toml) throw new Error('nothing was planted')
    return changed
  },
})
const bucket = (members: Readonly<Record<string, string>>) => () => ({ bucket: members })
const secrets = (given: Readonly<Record<string, string>>) => () => ({ secrets: given })
const elsewhere = (): string => gateway.s3.endpoint.replace('127.0.0.1', 'localhost')
const GRANT = '[[vars.GRANTS]]\nbucket = "media"\nprefix = ""\nallow = ["read"]\n'

/** At every store. */
const ANYWHERE: readonly Planted[] = [
  {
    what: 'a misspelt rule',
    settings: rewrite('max_bytes =', 'max_byte ='),
    found: ['configuration', 'fault', /^GRANTS\[0\]\.max_byte: unknown key$/],
  },
  {
    what: 'a file that is no TOML',
    settings: rewrite('max_bytes =', 'max_bytes = ['),
    found: ['configuration', 'fault', /wrangler cannot read the file/],
  },
  {
    what: 'a provider that there is not',
    settings: bucket({ provider: 's4' }),
    found: ['configuration', 'fault', /^BUCKETS\.media\.provider: expected one of/],
  },
  {
    what: 'a list near the 5 KB of a variable',
    settings: rewrite(/$/g, `\n${GRANT.repeat(100)}`),
    found: ['variables', 'warning', /^GRANTS has \d+ of at most 5120 bytes/],
  },
  {
    what: 'no session secret',
    settings: secrets({ SESSION_SECRET: '' }),
    found: ['secrets', 'fault', /^not set here: SESSION_SECRET$/],
  },
  {
    what: 'no keys of the bucket',
    settings: secrets({ MEDIA_ACCESS_KEY_ID: '' }),
    found: ['secrets', 'fault', /^not set here: MEDIA_ACCESS_KEY_ID$/],
  },
  {
    what: 'a short POSTERN_KEY',
    settings: secrets({ POSTERN_KEY: 'c2hvcnQ' }),
    found: ['configuration', 'fault', /^POSTERN_KEY: expected at least 32 bytes/],
  },
  {
    what: 'no KV namespace',
    settings: rewrite('POSTERN_KV', 'KV'),
    found: ['bindings', 'fault', /^missing: POSTERN_KV$/],
  },
  {
    what: 'a Durable Object that nothing makes',
    settings: rewrite('new_sqlite_classes = ["Links"]', 'new_sqlite_classes = ["Link"]'),
    found: ['bindings', 'fault', /a migration with new_sqlite_classes = \["Links"\]/],
  },
  {
    what: 'assets before the Worker',
    settings: rewrite('run_worker_first = true', 'run_worker_first = false'),
    found: ['assets', 'fault', /before the Worker/],
  },
  {
    what: 'the access key id of nobody',
    settings: secrets({ MEDIA_ACCESS_KEY_ID: 'AKIANOBODY0000000000' }),
    found: ['credentials', 'fault', /does not know the access key id/],
  },
  {
    what: 'a secret access key cut short',
    settings: secrets({ MEDIA_SECRET_ACCESS_KEY: gateway.s3.secretAccessKey.slice(0, -1) }),
    found: ['credentials', 'fault', /secret access key is not that/],
  },
  {
    what: 'a bucket that there is not',
    settings: bucket({ bucket: 'postern-there-is-none' }),
    found: ['bucket', 'fault', /no bucket of this name/],
  },
  {
    what: 'an endpoint where nothing listens',
    settings: bucket({ endpoint: 'http://127.0.0.1:1' }),
    found: ['endpoint', 'fault', /127\.0\.0\.1:1 gives no answer/],
  },
  {
    what: 'unfinished uploads that nobody drops',
    settings: rewrite(/crons = .*/g, 'crons = []'),
    found: ['unfinished uploads', 'warning', /cron trigger/],
  },
  {
    what: 'a gateway that is something else',
    args: [
      '--gateway',
      isCeph ? gateway.s3.endpoint : `${gateway.url}/healthz`.replace(/:\d+/, ':1'),
    ],
    found: ['gateway', 'fault', isCeph ? /not as a gateway does/ : /no answer/],
  },
]

const EMBEDDED: readonly Planted[] = [
  {
    what: 'the bucket in the host, where the store wants it in the path',
    settings: () => ({ bucket: { addressing: 'virtual', endpoint: elsewhere() } }),
    found: ['addressing', 'fault', /not found in virtual style, but in path style/],
  },
  {
    what: 'an origin that the embedded store does not admit',
    settings: () => ({ origins: ['https://app.test'] }),
    found: ['CORS https://app.test', 'fault', /may not send GET, HEAD, PUT, POST, DELETE$/],
  },
]

const { S3_OTHER_ACCESS_KEY_ID = '', S3_OTHER_SECRET_ACCESS_KEY = '' } = process.env
const ANYBODY =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::BUCKET/*"}]}'
const lifecycle = (days: number): string =>
  `<LifecycleConfiguration><Rule><ID>u</ID><Filter><Prefix></Prefix></Filter><Status>Enabled</Status><AbortIncompleteMultipartUpload><DaysAfterInitiation>${days}</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>`

/** What only a store with rules of its own can have. */
const CEPH: readonly Planted[] = [
  {
    what: 'a clock 20 minutes ahead',
    now: () => Date.now() + 20 * 60_000,
    found: ['clock', 'fault', /1[12]\d\d s ahead of the store/],
  },
  {
    what: 'keys of somebody else',
    settings: secrets({
      MEDIA_ACCESS_KEY_ID: S3_OTHER_ACCESS_KEY_ID,
      MEDIA_SECRET_ACCESS_KEY: S3_OTHER_SECRET_ACCESS_KEY,
    }),
    found: ['write', 'fault', /^nothing could be written below "users\/.*403 AccessDenied/],
  },
  {
    what: 'no CORS rules',
    plant: () => own.unset('cors'),
    uproot: () => setCors(),
    found: [`CORS ${PAGES[0]}`, 'fault', /may not send GET, HEAD, PUT, POST, DELETE$/],
  },
  {
    what: 'CORS rules without two headers',
    plant: () => setCors({ headers: rule.headers.filter((name) => !/if-/.test(name)) }),
    uproot: () => setCors(),
    found: [`CORS ${PAGES[1]}`, 'fault', /may not send if-none-match, if-match$/],
  },
  {
    what: 'CORS rules without PUT',
    plant: () => setCors({ methods: ['GET', 'HEAD'] }),
    uproot: () => setCors(),
    found: [`CORS ${PAGES[1]}`, 'fault', /may not send PUT, POST, DELETE$/],
  },
  {
    what: 'CORS rules for another origin',
    plant: () => setCors({ origins: [PAGES[0] ?? ''] }),
    uproot: () => setCors(),
    found: [`CORS ${PAGES[1]}`, 'fault', /may not send/],
  },
  {
    what: 'ETags that pages cannot read',
    plant: () => setCors({ expose: ['x-amz-version-id'] }),
    uproot: () => setCors(),
    found: [`ETag ${PAGES[0]}`, 'fault', /cannot read the ETags/],
  },
  {
    what: 'CORS rules for everybody',
    plant: () => setCors({ origins: ['*'] }),
    uproot: () => setCors(),
    found: ['CORS of others', 'warning', /any origin/],
  },
  {
    what: 'a store that has another condition for PUT than its provider',
    settings: bucket({ provider: 'gcs' }),
    found: ['no overwrite', 'fault', /a second PUT replaced the object/],
  },
  {
    what: 'a store that ignores the condition at complete',
    settings: bucket({ provider: 'aws' }),
    found: ['no overwrite at complete', 'fault', /the object was replaced/],
  },
  {
    what: 'a store that verifies no checksums',
    settings: bucket({ provider: 'aws' }),
    found: ['checksum crc64nvme', 'fault', /not verified/],
  },
  {
    what: 'a store that acts on headers that nobody signed',
    settings: bucket({ provider: 'generic' }),
    found: ['unsigned headers', 'fault', /add x-amz-copy-source/],
  },
  {
    what: 'a store that verifies absent headers in another way than its provider',
    settings: bucket({ provider: 'minio' }),
    found: ['write', 'fault', /signed as this provider verifies it/],
  },
  {
    what: 'a lifecycle rule that drops uploads too soon',
    plant: () => own.set('lifecycle', lifecycle(1)),
    uproot: () => own.unset('lifecycle'),
    found: ['unfinished uploads', 'warning', /after 1 d/],
  },
  {
    what: 'a public bucket',
    plant: () => own.set('policy', ANYBODY.replace('BUCKET', own.s3.bucket)),
    uproot: () => own.unset('policy'),
    found: ['private', 'fault', /anybody can read/],
  },
]

describe.each([...ANYWHERE, ...(isCeph ? CEPH : EMBEDDED)])(
  'planted: $what',
  ({ settings, args, now, plant, uproot, found: [check, level, detail] }) => {
    test('is found', async () => {
      await plant?.()
      try {
        const report = await examine(createProject(own.s3, settings?.()), args, {
          ...(now !== undefined && { now }),
        })
        const found = listBad(report).find((one) => one.check === check && detail.test(one.detail))
        if (found === undefined) expect(listBad(report)).toContain(check)
        expect(found).toMatchObject({ level })
        expect(found?.remedy).toMatch(/\w{3}/)
        if (level === 'fault') expect(report.code).toBe(1)
      } finally {
        await uproot?.()
      }
    })
  },
)

describe.runIf(isCeph)('--fix', () => {
  const OTHER =
    '<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>https://other.test</AllowedOrigin></CORSRule>'
  const plant = () => own.set('cors', `<CORSConfiguration>${OTHER}</CORSConfiguration>`)
  const isBroken = ({ findings }: Report): boolean =>
    findings.some(({ check, level }) => check.startsWith('CORS http') && level === 'fault')

  test.each([[['n']], [[]]])('not without a yes: %j', async (answers) => {
    await plant()
    const project = createProject(own.s3)
    const report = await examine(project, ['--fix'], { answers })
    expect(isBroken(report)).toBe(true)
    expect(report.err).toContain('"AllowedOrigins"')
    expect(await own.read('cors')).not.toContain('postern')
  })

  test.each([
    ['asked', ['--fix'], ['y']],
    ['with --yes', ['--fix', '--yes'], []],
  ])('%s: mends them, and keeps what others need', async (_, args, answers) => {
    await plant()
    const project = createProject(own.s3)
    for (const again of [args, ['--fix', '--yes']]) {
      const report = await examine(project, again, { answers })
      expect(listBad(report)).toEqual([])
      const rules = await own.read('cors')
      expect(rules.match(/<CORSRule>/g)).toHaveLength(2)
      expect(rules).toContain('https://other.test')
    }
    await setCors()
  })
})
