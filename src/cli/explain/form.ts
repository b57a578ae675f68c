// A POST policy, alone or with the fields of its form: what a form may upload, and what S3 will refuse.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
import { fault, type Finding, maskKeyId, note, type Report, toMoment, warning } from './finding.ts'
import { isObject } from './json.ts'
import { parseAmzDate } from './life.ts'
import { parseScope } from './v4.ts'

interface Condition {
  readonly kind: 'exact' | 'starts-with' | 'range'
  /** Of the field, in lower case and without "$". */
  readonly name: string
  readonly value: string
}

export interface Form {
  /** Absent when only a policy was given. */
  readonly fields: ReadonlyMap<string, string> | undefined
  readonly policy: unknown
}

const text = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '')

function toCondition(value: unknown): Condition | null {
  if (Array.isArray(value)) {
    const [kind, first, second]: readonly unknown[] = value
    const name = text(first).replace(/^\$/, '').toLowerCase()
    if (kind === 'eq') return { kind: 'exact', name, value: text(second) }
    if (kind === 'starts-with') return { kind, name, value: text(second) }
    return kind === 'content-length-range'
      ? { kind: 'range', name: kind, value: `${text(first)} to ${text(second)} bytes` }
      : null
  }
  if (!isObject(value)) return null
  const [entry, ...more] = Object.entries(value)
  return entry === undefined || more.length > 0
    ? null
    : { kind: 'exact', name: entry[0].toLowerCase(), value: text(entry[1]) }
}

/** Fields that need no condition. */
const FREE = /^(?:policy|x-amz-signature|signature|awsaccesskeyid|file|x-ignore-.*)$/

function judgeFields(
  fields: ReadonlyMap<string, string>,
  conditions: readonly Condition[],
): Finding[] {
  const findings: Finding[] = []
  const given = new Map([...fields].map(([name, value]) => [name.toLowerCase(), value]))
  const bound = new Set(conditions.map(({ name }) => name))
  const extra = [...given.keys()].filter((name) => !bound.has(name) && !FREE.test(name))
  if (extra.length > 0)
    findings.push(
      fault(
        'extra-field',
        `fields without a condition in the policy: ${extra.join(', ')}; S3 refuses "Extra input fields"`,
      ),
    )
  for (const { kind, name, value } of conditions) {
    const field = given.get(name)
    if (kind === 'range' || name === 'bucket') continue
    if (field === undefined && !(kind === 'starts-with' && name === 'content-type'))
      findings.push(
        fault('field-missing', `the policy asks for the field ${name}, which the form lacks`),
      )
    else if (field === undefined)
      findings.push(
        note(
          'field-to-add',
          `the form must bring ${name} along, beginning with ${JSON.stringify(value)}`,
        ),
      )
    else if (kind === 'exact' ? field !== value : !field.startsWith(value))
      findings.push(fault('field-differs', `the field ${name} is not what the policy asks for`))
  }
  for (const name of [
    'policy',
    'x-amz-signature',
    'x-amz-credential',
    'x-amz-date',
    'x-amz-algorithm',
    'key',
  ])
    if (!given.has(name) && !given.has('signature'))
      findings.push(fault('field-missing', `the form lacks ${name}`))
  if ((given.get('policy') ?? '').trim() !== (given.get('policy') ?? ''))
    findings.push(
      fault(
        'policy-changed',
        'white space stands around the policy: the signature is over its exact text',
      ),
    )
  const names = [...fields.keys()].map((name) => name.toLowerCase())
  if (names.includes('file') && names.at(-1) !== 'file')
    findings.push(
      fault('file-not-last', 'fields after "file" are ignored by S3: the file must be the last'),
    )
  return findings
}

function judgeConditions(conditions: readonly (Condition | null)[], isSigned: boolean): Finding[] {
  const known = conditions.filter((condition) => condition !== null)
  const findings: Finding[] = []
  if (known.length < conditions.length)
    findings.push(
      fault(
        'condition-malformed',
        'a condition is neither {name: value} nor one of eq, starts-with, content-length-range',
      ),
    )
  if (!known.some(({ name }) => name === 'bucket'))
    findings.push(fault('no-bucket', 'no condition names the bucket: S3 refuses such policies'))
  const key = known.find(({ name }) => name === 'key')
  if (key === undefined) findings.push(fault('no-key', 'no condition names the key'))
  else if (key.kind === 'starts-with' && key.value === '')
    findings.push(
      warning(
        'any-key',
        'any key is allowed: whoever has the form may write, and replace, everything in the bucket',
      ),
    )
  if (!known.some(({ kind }) => kind === 'range'))
    findings.push(warning('any-size', 'no content-length-range: any size up to 5 GiB is allowed'))
  const type = known.find(({ name }) => name === 'content-type')
  if (type === undefined)
    findings.push(
      note(
        'no-type',
        'no condition allows Content-Type: a form that has the field is refused, and the object is application/octet-stream',
      ),
    )
  else if (type.kind === 'starts-with' && type.value === '')
    findings.push(warning('any-type', 'any content type is allowed, HTML among them'))
  const tells = known.some(({ name }) => name === 'x-amz-credential')
  if (!tells && isSigned)
    findings.push(warning('credential-not-bound', 'no condition names x-amz-credential'))
  return findings
}

/** The policy of a text in base64, or as JSON. */
export function parsePolicy(source: string): unknown {
  const json = source.trim().startsWith('{')
    ? source
    : Buffer.from(source.trim(), 'base64').toString('utf8')
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}

export function explainForm({ fields, policy }: Form, nowMs: number): Report {
  if (!isObject(policy) || !Array.isArray(policy['conditions']))
    return {
      kind: 'form',
      facts: [],
      bound: [],
      unbound: [],
      findings: [
        fault(
          'policy-malformed',
          'the policy is not base64 of {"expiration": …, "conditions": […]}: cut off, or encoded twice',
        ),
      ],
    }
  const conditions = policy['conditions'].map(toCondition)
  const known = conditions.filter((condition) => condition !== null)
  const expiration = text(policy['expiration'])
  const endMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(expiration)
    ? Date.parse(expiration)
    : Number.NaN
  const valueOf = (name: string) => known.find((condition) => condition.name === name)?.value
  const scope = parseScope(valueOf('x-amz-credential') ?? '')
  const isHidden = (name: string): boolean =>
    /^x-amz-(?:credential|security-token|signature)$/.test(name)
  const startMs = parseAmzDate(valueOf('x-amz-date') ?? '')
  const show = ({ kind, name, value }: Condition): string => {
    if (isHidden(name)) return `${name}: exactly that of the form`
    return kind === 'exact'
      ? `${name}: exactly ${JSON.stringify(value)}`
      : kind === 'range'
        ? `the size: ${value}`
        : `${name}: beginning with ${JSON.stringify(value)}`
  }
  return {
    kind: 'form',
    facts: [
      ['signature', fields === undefined ? 'not given: a policy alone' : 'of a POST policy'],
      ['method', 'POST'],
      ...(valueOf('bucket') === undefined ? [] : [['bucket', valueOf('bucket') ?? ''] as const]),
      ...(scope === null
        ? []
        : [['region', scope.region] as const, ['key id', maskKeyId(scope.keyId)] as const]),
      ...(Number.isNaN(startMs) ? [] : [['signed', toMoment(startMs, nowMs)] as const]),
      ...(Number.isNaN(endMs) ? [] : [['expires', toMoment(endMs, nowMs)] as const]),
    ],
    bound: known.map(show),
    unbound: [
      'whether an object is replaced: a policy cannot refuse that',
      'who uses it, from where, how often',
      'the content of the upload',
    ],
    findings: [
      ...(Number.isNaN(endMs)
        ? [fault('expiration-malformed', 'expiration is not of the form 2026-11-25T10:15:30Z')]
        : []),
      ...(endMs <= nowMs ? [fault('expired', `it expired ${toMoment(endMs, nowMs)}`)] : []),
      ...(valueOf('x-amz-security-token') === undefined
        ? []
        : [
            warning(
              'temporary-credentials',
              'signed with temporary credentials: the form dies with them',
            ),
          ]),
      ...judgeConditions(conditions, fields !== undefined),
      ...(fields === undefined ? [] : judgeFields(fields, known)),
    ],
  }
}
