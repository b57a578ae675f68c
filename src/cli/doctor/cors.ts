// Whether a bucket's CORS lets the pages of the gateway send what was signed, and read what is answered.
import { type CorsRule, toCorsRule } from '../../core/sign/cors.ts'
import type { Answer, Asker } from '../presign/ask.ts'
import { describeAnswer, fault, type Finding, ok, skipped, warning } from './finding.ts'
import type { Bucket } from '../../core/sign/bucket.ts'

/** An origin that nobody has: RFC 6761 §6.4. */
const FOREIGN = 'https://not-in-origins.invalid'
const REMEDY = 'postern doctor --fix sets the rules, npm run cors prints them (docs/deploy.md)'

interface Preflight {
  readonly origin: string
  readonly method: string
  readonly headers: readonly string[]
}

function listOf(headers: Headers, name: string): ReadonlySet<string> {
  const words = (headers.get(name) ?? '').split(',').map((word) => word.trim().toLowerCase())
  return new Set(words.filter((word) => word !== ''))
}

/** What a browser would refuse, as it reads the answer: https://fetch.spec.whatwg.org/#cors-preflight-fetch */
export function findRefused(
  { status, headers }: Pick<Answer, 'status' | 'headers'>,
  { origin, method, headers: asked }: Preflight,
): readonly string[] {
  const allowed = headers.get('access-control-allow-origin')
  if (status < 200 || status > 299 || (allowed !== origin && allowed !== '*')) return [method]
  const methods = listOf(headers, 'access-control-allow-methods')
  if (!methods.has(method.toLowerCase()) && !methods.has('*')) return [method]
  const names = listOf(headers, 'access-control-allow-headers')
  return names.has('*') ? [] : asked.filter((name) => !names.has(name))
}

/** `refused`: methods, and headers of a PUT. */
export function judgeOrigin(origin: string, refused: readonly string[]): Finding {
  const check = `CORS ${origin}`
  if (refused.length === 0) return ok(check, 'its pages may send all that is signed')
  return fault(check, `its pages may not send ${refused.join(', ')}`, REMEDY)
}

/** `answer`: to a GET with that `Origin`. */
export function judgeExposed(origin: string, { headers }: Pick<Answer, 'headers'>): Finding {
  const check = `ETag ${origin}`
  if (headers.get('access-control-allow-origin') === null)
    return skipped(check, 'its answers have no CORS headers at all, see above')
  const exposed = listOf(headers, 'access-control-expose-headers')
  if (exposed.has('etag') || exposed.has('*')) return ok(check, 'its pages can read ETags')
  return fault(check, 'its pages cannot read the ETags of the parts that they sent', REMEDY)
}

/** Whether a page of somebody else would get through. */
export function judgeForeign(refused: readonly string[]): Finding {
  const check = 'CORS of others'
  if (refused.length > 0) return ok(check, 'pages of other origins may not write')
  return warning(
    check,
    'pages of any origin may write with a URL that they came by',
    'take the rule with AllowedOrigin * out of the bucket; ORIGINS names who needs one',
  )
}

async function ask({ ask: send }: Asker, preflight: Preflight): Promise<readonly string[]> {
  const answer = await send({
    method: 'OPTIONS',
    key: '.postern-doctor/cors',
    added: {
      Origin: preflight.origin,
      'Access-Control-Request-Method': preflight.method,
      // As browsers write it: lower case, sorted, no spaces.
      'Access-Control-Request-Headers': preflight.headers.toSorted().join(','),
    },
  })
  return findRefused(answer, preflight)
}

/** Methods that are refused, then headers: asked one by one where all at once are refused. */
async function findAllRefused(
  asker: Asker,
  origin: string,
  { methods, headers }: CorsRule,
): Promise<readonly string[]> {
  const refused: string[] = []
  for (const method of methods)
    refused.push(...(await ask(asker, { origin, method, headers: ['content-type'] })))
  if (refused.includes('PUT')) return refused
  if ((await ask(asker, { origin, method: 'PUT', headers })).length === 0) return refused
  for (const name of headers)
    if ((await ask(asker, { origin, method: 'PUT', headers: [name] })).length > 0)
      refused.push(name)
  return refused
}

export async function checkCors(
  asker: Asker,
  bucket: Bucket,
  origins: readonly string[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const origin of origins) {
    findings.push(
      judgeOrigin(origin, await findAllRefused(asker, origin, toCorsRule(bucket, origins))),
    )
    const read = await asker.ask({
      method: 'GET',
      key: '.postern-doctor/cors',
      added: { Origin: origin },
    })
    findings.push(judgeExposed(origin, read))
  }
  const foreign = { origin: FOREIGN, method: 'PUT', headers: ['content-type'] }
  findings.push(judgeForeign(await ask(asker, foreign)))
  return findings
}

/** `answer`: to PutBucketCors. */
export function judgeFixed(answer: Answer): Finding {
  if (answer.status >= 200 && answer.status < 300) return ok('CORS rules', 'set')
  return fault(
    'CORS rules',
    `not set: the store answers ${describeAnswer(answer)}`,
    'set them with keys that may (s3:PutBucketCORS), or at the provider’s own tool: npm run cors',
  )
}
