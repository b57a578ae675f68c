// `postern presign`: what `aws s3 presign` gives, for every method, and forms.
import { Option } from '@commander-js/extra-typings'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Credentials } from '../../core/sign/bucket.ts'
import { type Provider, PROVIDERS } from '../../core/sign/provider.ts'
import { toTimestamp } from '../../core/sign/requests.ts'
import type { SigningKeys } from '../../core/sign/scope.ts'
import { findCredentials } from '../aws/credentials.ts'
import { type Profile, readProfile } from '../aws/profile.ts'
import { createCommand } from '../frame/command.ts'
import type { Shell } from '../frame/shell.ts'
import { collect, UsageError } from '../frame/usage.ts'
import { type Job, parseBatch } from '../presign/batch.ts'
import { toCurl } from '../presign/curl.ts'
import { toBucket } from '../presign/place.ts'
import { type Signed, signWish } from '../presign/sign.ts'
import { parseTarget } from '../presign/target.ts'
import { parseWish, type PresignOptions } from '../presign/wish.ts'

const TEXT = {
  summary: 'sign a URL, as aws s3 presign does and for every method',
  description:
    'Signs a URL for an object, on this machine and with your own AWS credentials: those of the environment, of shared files and profiles, of SSO, web identity and instance roles, as the AWS tools find them. What is signed is what `aws s3 presign` signs. With POST it makes the fields of an HTML form.',
  examples: [
    { what: 'a download for an hour', line: 'postern presign s3://acme-media/report.pdf' },
    {
      what: 'saved under another name',
      line: `postern presign s3://acme-media/7f3a --response-content-disposition 'attachment; filename="report.pdf"'`,
    },
    {
      what: 'an upload of exactly this file that replaces nothing; prints a curl line too',
      line: 'postern presign s3://acme-media/in/a.png --http-method PUT \\\n  --content-type image/png --content-length 48213 --no-overwrite',
    },
    {
      what: 'a form that takes images up to 5 MB',
      line: `postern presign 's3://acme-media/in/\${filename}' --http-method POST \\\n  --content-type 'image/*' --content-length 1-5000000`,
    },
    {
      what: 'many at once, from standard input; a line may be JSON with options of its own',
      line: `printf '%s\\n' s3://acme-media/a '{"uri":"s3://acme-media/b","method":"PUT"}' | postern presign --batch -`,
    },
    {
      what: 'at another store',
      line: 'postern presign s3://media/a.txt --endpoint-url http://127.0.0.1:9000 --profile minio',
    },
  ],
}

function noteLife(shell: Shell, credentials: Credentials, jobs: readonly Job[]): void {
  const { expiresAtSeconds, sessionToken } = credentials
  const now = Math.floor(shell.now() / 1000)
  const longest = Math.max(...jobs.map(({ wish }) => wish.expiresIn))
  if (expiresAtSeconds !== undefined && expiresAtSeconds < now + longest)
    shell.note(
      `warning: the credentials end at ${toTimestamp(expiresAtSeconds)}, and every URL with them, not only at ${toTimestamp(now + longest)}`,
    )
  else if (expiresAtSeconds === undefined && sessionToken !== undefined)
    shell.note(
      'warning: these are temporary credentials, and the URL dies with them; when they end is not known here',
    )
}

function printSigned(shell: Shell, signed: Signed, how: { json: boolean; isAlone: boolean }): void {
  if (how.json) shell.print(JSON.stringify({ ...signed, curl: toCurl(signed) }))
  else if ('fields' in signed) shell.print(JSON.stringify(signed, null, how.isAlone ? 2 : 0))
  else shell.print(signed.url)
  const isSent = signed.method === 'PUT' || signed.method === 'POST'
  if (!how.json && how.isAlone && isSent) shell.note(`# ${toCurl(signed)}`)
}

async function toJobs(
  shell: Shell,
  uri: string | undefined,
  batch: string | undefined,
  options: PresignOptions,
): Promise<readonly Job[]> {
  if ((uri === undefined) === (batch === undefined))
    throw new UsageError('exactly one of s3://bucket/key and --batch is needed')
  if (uri !== undefined) return [{ target: parseTarget(uri), wish: parseWish(options) }]
  if (batch === '-') return parseBatch(await shell.readInput(), options)
  const text = await readFile(resolve(shell.cwd, batch ?? ''), 'utf8').catch(() => null)
  if (text === null) throw new UsageError('--batch names no file that can be read')
  return parseBatch(text, options)
}

interface PlaceOptions {
  readonly region?: string | undefined
  readonly endpointUrl?: string | undefined
  readonly addressing?: Profile['addressing'] | undefined
  readonly provider?: Provider | undefined
  readonly profile?: string | undefined
}

async function signJobs(
  shell: Shell,
  jobs: readonly Job[],
  { profile, provider, ...given }: PlaceOptions,
): Promise<readonly Signed[]> {
  const found = await readProfile(shell, profile)
  const region = given.region ?? found.region
  const place = {
    region: region ?? 'us-east-1',
    endpointUrl: given.endpointUrl ?? found.endpointUrl,
    addressing: given.addressing ?? found.addressing,
    // Without a region it is AWS's global host, whatever that setting says.
    isRegional: found.isRegional && region !== undefined,
    provider,
  }
  const credentials = await findCredentials(shell, profile)
  noteLife(shell, credentials, jobs)
  const keys: SigningKeys = new WeakMap()
  return Promise.all(
    jobs.map(({ target, wish }) => {
      const bucket = toBucket({ ...place, bucket: target.bucket }, credentials)
      return signWish(bucket, credentials, target, wish, { nowMs: shell.now(), keys })
    }),
  )
}

function withRequestOptions(shell: Shell) {
  return createCommand(shell, 'presign', TEXT)
    .argument('[uri]', 's3://bucket/key; the key as it is, not percent-encoded')
    .addOption(
      new Option('--http-method <method>', 'what the URL is for')
        .argParser((text: string) => text.toUpperCase())
        .default('GET'),
    )
    .option('--expires-in <seconds>', 'how long it lives, up to 604800', '3600')
    .option('--response-content-type <type>', 'GET: what the answer says it is')
    .option('--response-content-disposition <text>', 'GET: shown or saved, and under which name')
    .option('--response-cache-control <text>', 'GET: how long it may be cached')
    .option('--response-content-language <text>', 'GET: its language')
    .option('--response-content-encoding <text>', 'GET: its encoding')
    .option('--response-expires <date>', 'GET: the Expires of the answer')
    .option('--version-id <id>', 'GET, HEAD, DELETE: this version of the object')
    .option('--content-type <type>', 'PUT: exactly this type; POST: or a family such as image/*')
    .option('--content-length <bytes>', 'PUT: exactly this size; POST: at most, or MIN-MAX')
    .option('--checksum <algorithm=base64>', 'PUT: of the whole object, by crc32 … sha256')
    .option('--no-overwrite', 'PUT: fail where an object stands')
}

export function presignCommand(shell: Shell) {
  return withRequestOptions(shell)
    .option('--metadata <name=value>', 'PUT, POST: may stand several times', collect, [])
    .option('--cache-control <text>', 'PUT, POST: stored with the object')
    .option('--content-disposition <text>', 'PUT, POST: stored with the object')
    .option('--content-encoding <text>', 'PUT, POST: stored with the object')
    .option('--storage-class <class>', 'PUT, POST: such as STANDARD_IA')
    .option(
      '--field <name=value>',
      'POST: a further field, bound; may stand several times',
      collect,
      [],
    )
    .option('--batch <file>', 'sign every line of a file, or of standard input with "-"')
    .option('--region <region>', 'else from the environment or the profile; else us-east-1')
    .option('--endpoint-url <url>', 'another store than AWS')
    .addOption(
      new Option('--addressing <style>', 'the bucket in the host or in the path').choices([
        'auto',
        'virtual',
        'path',
      ]),
    )
    .addOption(
      new Option(
        '--provider <name>',
        'refuse what this store would ignore, bind what it would let through',
      ).choices(PROVIDERS),
    )
    .option('--profile <name>', 'of the shared AWS configuration')
    .action(async (uri, { batch, json, ...options }) => {
      const jobs = await toJobs(shell, uri, batch, options)
      // All are signed before the first is printed: a batch is whole or not at all.
      const signed = await signJobs(shell, jobs, options)
      for (const one of signed) printSigned(shell, one, { json, isAlone: batch === undefined })
    })
}
