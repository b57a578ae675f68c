// The rules of a bucket that cost or surprise: unfinished uploads that nobody drops, and versions.
import { parseXml, type XmlElement } from '../../adapters/xml.ts'
import type { Answer } from '../presign/ask.ts'
import { describeAnswer, type Finding, ok, skipped, warning } from './finding.ts'

/** For so long an upload can be gone on with. */
const RESUMABLE_DAYS = 7

function findText(element: XmlElement, ...path: readonly string[]): string | undefined {
  const [first, ...rest] = path
  if (first === undefined) return element.text.trim()
  const child = element.children.find(({ name }) => name === first)
  return child === undefined ? undefined : findText(child, ...rest)
}

/** Days after which enabled rules drop unfinished uploads below the prefix; undefined without such a rule. */
export function findAbortDays(text: string, prefix: string): number | undefined {
  const rules = parseXml(text.trimStart())?.children.filter(({ name }) => name === 'Rule') ?? []
  const days = rules.flatMap((rule) => {
    const own = findText(rule, 'Filter', 'Prefix') ?? findText(rule, 'Prefix') ?? ''
    const count = findText(rule, 'AbortIncompleteMultipartUpload', 'DaysAfterInitiation')
    const isOn = findText(rule, 'Status') === 'Enabled'
    return isOn && count !== undefined && prefix.startsWith(own) ? [Number(count)] : []
  })
  return days.length === 0 ? undefined : Math.min(...days)
}

/** `answer`: to GetBucketLifecycleConfiguration. */
export function judgeLifecycle(
  answer: Answer,
  { prefix, hasCron }: { readonly prefix: string; readonly hasCron: boolean },
): Finding {
  const check = 'unfinished uploads'
  const days = answer.status === 200 ? findAbortDays(answer.text, prefix) : undefined
  if (days !== undefined && days < RESUMABLE_DAYS)
    return warning(
      check,
      `a lifecycle rule drops them after ${days} d, while they can be resumed for ${RESUMABLE_DAYS} d`,
      'AbortIncompleteMultipartUpload with DaysAfterInitiation 8 (docs/deploy.md)',
    )
  if (days !== undefined) return ok(check, `a lifecycle rule drops them after ${days} d`)
  if (hasCron) return ok(check, 'the cron trigger drops them')
  const isKnown = answer.status === 200 || answer.code === 'NoSuchLifecycleConfiguration'
  const detail = isKnown
    ? 'nothing drops them: neither a lifecycle rule nor a cron trigger'
    : `no cron trigger, and the lifecycle rules could not be read (${describeAnswer(answer)})`
  return warning(
    check,
    detail,
    'crons = ["17 * * * *"] below [triggers], or a rule AbortIncompleteMultipartUpload (docs/deploy.md)',
  )
}

/** `answer`: to GetBucketVersioning. */
export function judgeVersioning(answer: Answer): Finding {
  const check = 'versions'
  if (answer.status !== 200)
    return skipped(check, `could not be read (${describeAnswer(answer)}); nothing depends on it`)
  const root = parseXml(answer.text.trimStart())
  const status = root === null ? undefined : findText(root, 'Status')
  return status === 'Enabled'
    ? ok(check, 'kept: to remove what fails verification, keys need s3:DeleteObjectVersion')
    : ok(check, 'not kept: what is deleted or replaced is gone')
}
