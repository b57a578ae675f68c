// Sets a bucket's CORS rules, after they were shown and somebody said yes.
import type { Bucket } from '../../core/sign/bucket.ts'
import { createHash } from 'node:crypto'
import { toCorsRule } from '../../core/sign/cors.ts'
import type { Shell } from '../frame/shell.ts'
import type { Asker } from '../presign/ask.ts'
import { judgeFixed } from './cors.ts'
import { toCommand, toCorsFile, toCorsXml } from './cors-file.ts'
import { describeAnswer, fault, type Finding, skipped } from './finding.ts'

const CHECK = 'CORS rules'

export async function fixCors(
  shell: Shell,
  asker: Asker,
  bucket: Bucket,
  { origins, isYes }: { readonly origins: readonly string[]; readonly isYes: boolean },
): Promise<readonly Finding[]> {
  const { provider, alias, name } = bucket
  const rule = toCorsRule(bucket, origins)
  const command = `save what npm run cors prints as cors.json, then: ${toCommand(provider, name)}`
  // https://cloud.google.com/storage/docs/xml-api/put-bucket-cors: another document, another header.
  if (provider === 'gcs')
    return [fault(CHECK, 'not set: Google takes them from its own tool alone', command)]
  const present = await asker.ask({ method: 'GET', query: { cors: '' } })
  const isNone = present.code === 'NoSuchCORSConfiguration'
  if (present.status !== 200 && !isNone)
    return [
      fault(CHECK, `not set: those of now cannot be read (${describeAnswer(present)})`, command),
    ]
  shell.note(`# ${alias}: this rule goes before those that the bucket has`)
  shell.note(JSON.stringify(toCorsFile('generic', rule), null, 2))
  const answer = isYes ? 'y' : await shell.ask(`Set it on the bucket of ${alias}? [y/N] `)
  if (answer === null) return [skipped(CHECK, 'not set: nobody was there to say yes; see --yes')]
  if (!/^y(?:es)?$/i.test(answer.trim())) return [skipped(CHECK, 'not set, as was said')]
  const body = toCorsXml(rule, isNone ? '' : present.text)
  // Ceph and others ask for it.
  const md5 = createHash('md5').update(body).digest('base64')
  const headers = { 'content-md5': md5 }
  const set = await asker.ask({ method: 'PUT', query: { cors: '' }, headers, body })
  return [judgeFixed(set)]
}
