// The parameters of a signed URL: all are signed, so one that was added, doubled or rewritten breaks the signature.
import { fault, type Finding, warning } from './finding.ts'
import { decode, type UrlParts } from './url.ts'

/** What S3 knows in queries of objects, beside X-Amz-* and response-*. */
const KNOWN: ReadonlySet<string> = new Set([
  'versionId',
  'partNumber',
  'uploadId',
  'uploads',
  'x-id',
  'list-type',
  'prefix',
  'delimiter',
  'max-keys',
  'marker',
  'continuation-token',
  'start-after',
  'encoding-type',
  'fetch-owner',
  'attributes',
  'tagging',
  'acl',
  'torrent',
  'select',
  'restore',
  'retention',
  'legal-hold',
])

/** Added by sites, mailers and analytics to every link that they touch. */
const TRACKING =
  /^(?:utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|twclid|_hsenc|_hsmi|yclid|ref|si|s_cid)$/

function judgeNames(names: readonly string[]): Finding[] {
  const findings: Finding[] = []
  const doubled = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))]
  if (doubled.length > 0)
    findings.push(
      fault(
        'doubled-parameter',
        `stands twice: ${doubled.join(', ')}; the URL was signed or joined twice`,
      ),
    )
  const tracking = names.filter((name) => TRACKING.test(name))
  if (tracking.length > 0)
    findings.push(
      fault(
        'added-parameter',
        `added by somebody who passed the link on: ${tracking.join(', ')}; every parameter is signed, so it must go`,
      ),
    )
  const misspelt = names.filter(
    (name) => /^x-amz-/i.test(name) && !/^(?:X-Amz-[A-Z]|x-amz-[a-z])/.test(name),
  )
  const lowered = names.filter((name) =>
    /^x-amz-(?:algorithm|credential|date|expires|signedheaders|signature)$/.test(name),
  )
  if (misspelt.length + lowered.length > 0)
    findings.push(
      fault(
        'parameter-case',
        `the case of letters was changed in ${[...misspelt, ...lowered].join(', ')}`,
      ),
    )
  const unknown = names.filter(
    (name) =>
      !KNOWN.has(name) && !TRACKING.test(name) && !/^x-(?:amz|goog|id)|^response-/i.test(name),
  )
  if (unknown.length > 0)
    findings.push(
      warning(
        'unknown-parameter',
        `unknown to S3, and right only if it was there when the URL was signed: ${unknown.join(', ')}`,
      ),
    )
  return findings
}

export function judgePairs({ pairs }: UrlParts): Finding[] {
  const findings = judgeNames(pairs.map(([name]) => decode(name)))
  const plus = pairs.filter(([, value]) => value.includes('+')).map(([name]) => name)
  if (plus.length > 0)
    findings.push(
      fault(
        'plus-in-query',
        `a raw "+" stands in ${plus.join(', ')}: S3 reads a space there; a plus must be %2B, a space %20`,
      ),
    )
  const broken = pairs
    .filter(([, value]) => /%(?![0-9A-Fa-f]{2})/.test(value))
    .map(([name]) => name)
  if (broken.length > 0)
    findings.push(
      fault('broken-encoding', `a "%" without two hex digits stands in ${broken.join(', ')}`),
    )
  const twice = pairs
    .filter(([name, value]) => /%25[0-9A-Fa-f]{2}/.test(value) && name !== 'X-Amz-Credential')
    .map(([name]) => name)
  if (twice.length > 0)
    findings.push(warning('encoded-twice', `looks percent-encoded twice: ${twice.join(', ')}`))
  const hoisted = pairs
    .filter(([name]) =>
      /^x-amz-(?:checksum-|sdk-checksum|meta-|server-side|storage-class|tagging|acl)/i.test(name),
    )
    .map(([name]) => decode(name))
  if (hoisted.length > 0)
    findings.push(
      warning(
        'header-in-query',
        `an SDK moved headers into the query, where S3 ignores some of them: ${hoisted.join(', ')}; sign them as headers`,
      ),
    )
  return findings
}
