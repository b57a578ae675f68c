// An error of S3: its fields, and what its code and message mean for who holds a signed URL.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
import { parseXml } from '../../adapters/xml.ts'
import { CODES, MESSAGES } from './error-texts.ts'
import { fault, type Finding, toMoment } from './finding.ts'

export interface S3Error {
  readonly code: string
  readonly message: string
  /** All elements of the document with text, by name. */
  readonly fields: ReadonlyMap<string, string>
}

/** From a document, or from an answer with its headers before it, such as `curl -i` prints. */
export function parseError(text: string): S3Error | null {
  const start = text.search(/<\?xml|<Error|<ErrorResponse/)
  const end = text.lastIndexOf('>')
  const root = start < 0 ? null : parseXml(text.slice(start, end + 1).trim())
  // IAM-like documents have the error one level down.
  const error = root?.name === 'Error' ? root : root?.children.find(({ name }) => name === 'Error')
  if (error === undefined) return null
  const fields = new Map(error.children.map(({ name, text: value }) => [name, value]))
  return { code: fields.get('Code') ?? '', message: fields.get('Message') ?? '', fields }
}

/** A condition may hold a token. */
const toShown = (condition: string): string =>
  /token|credential|signature/i.test(condition)
    ? 'one of credential, token or signature'
    : condition

/** AWS tells its own region, times and limits; what follows from them. */
function judgeDetails({ code, message, fields }: S3Error, nowMs: number): Finding[] {
  const findings: Finding[] = []
  const expecting = /(?:expecting|Expecting) '?([a-z0-9-]+)'?/.exec(message)?.[1]
  const region = fields.get('Region') ?? expecting
  if (
    region !== undefined &&
    /^Authorization|^(?:Permanent|Temporary)Redirect$|^IllegalLocation/.test(code)
  )
    findings.push(
      fault(
        'region-mismatch',
        `the bucket is of the region ${region}: sign for it, and for its host`,
      ),
    )
  const endpoint = fields.get('Endpoint')
  if (endpoint !== undefined)
    findings.push(
      fault(
        'other-endpoint',
        `the bucket answers at ${endpoint}: a signature holds for one host, so sign for that one instead of following the redirect`,
      ),
    )
  const server = Date.parse(fields.get('ServerTime') ?? '')
  const expires = Date.parse(fields.get('Expires') ?? '')
  if (!Number.isNaN(expires) && !Number.isNaN(server) && server > expires)
    findings.push(fault('expired', `it ended ${toMoment(expires, server)} by the clock of S3`))
  const requested = fields.get('RequestTime')
  const requestMs =
    requested === undefined
      ? Number.NaN
      : Date.parse(
          requested.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
        )
  if (!Number.isNaN(server) && !Number.isNaN(requestMs))
    findings.push(
      fault(
        'clock',
        `the signer’s clock is ${Math.round(Math.abs(server - requestMs) / 60_000)} minutes ${requestMs < server ? 'behind' : 'ahead'}: set it by NTP`,
      ),
    )
  if (!Number.isNaN(server) && Math.abs(server - nowMs) > 5 * 60_000 && findings.length === 0)
    findings.push(
      fault(
        'clock',
        `S3 answered at ${new Date(server).toISOString()}, which is not the time of this machine, unless the answer is old`,
      ),
    )
  const headers = fields.get('HeadersNotSigned')
  if (headers !== undefined)
    findings.push(
      fault('unsigned-header', `sent, but not signed: ${headers}; leave it out, or have it signed`),
    )
  const [proposed, limit] = [
    fields.get('ProposedSize'),
    fields.get('MaxSizeAllowed') ?? fields.get('MinSizeAllowed'),
  ]
  if (proposed !== undefined && limit !== undefined)
    findings.push(
      fault('size', `the upload has ${proposed} bytes, and the policy’s limit is ${limit}`),
    )
  const condition = /^Invalid according to Policy: Policy Condition failed: (.+)$/.exec(
    message,
  )?.[1]
  if (condition !== undefined)
    findings.push(
      fault('policy-condition', `the form breaks this condition: ${toShown(condition)}`),
    )
  const extra = /^Invalid according to Policy: Extra input fields: (.+)$/.exec(message)?.[1]
  if (extra !== undefined)
    findings.push(fault('extra-field', `fields without a condition in the policy: ${extra}`))
  return findings
}

export function judgeError(error: S3Error, nowMs: number): Finding[] {
  const byMessage = MESSAGES.find(([pattern]) => pattern.test(error.message))?.[1]
  const byCode = CODES.get(error.code)
  const details = judgeDetails(error, nowMs)
  const found = [...details, ...(byMessage === undefined ? [] : [byMessage])]
  if (found.length > 0) return found
  return [
    byCode ??
      fault('unknown-code', 'no error that is known here; the reference of your store has it'),
  ]
}
