// POST /v1/sign: S3 requests in, one or a batch, the same requests signed out.
import { type SignBatchAnswer, signBatch, signBody } from '../../contract/sign.ts'
import type { Result } from '../../core/result.ts'
import type { Ctx, RequestRecord } from '../env.ts'
import type { Failure } from '../failure.ts'
import { checkShape, MAX_LIST_BODY_BYTES, readJson } from '../input.ts'
import { limitBySubject } from '../middleware/limit.ts'
import { noteSigned } from '../middleware/permit.ts'
import { refuse, toProblem } from '../problem.ts'
import { prepare, type Signer } from '../signer.ts'

type Results = SignBatchAnswer['results']

async function signOne(c: Ctx, input: object): Promise<Response> {
  const body = checkShape(signBody, input)
  if (!body.ok) return refuse(c, body.error)
  const signer = prepare(c, body.value)
  if (!signer.ok) return refuse(c, signer.error)
  const limited = await limitBySubject(c, 'sign', body.value.bucket)
  if (limited !== null) return refuse(c, limited)
  const signed = await signer.value()
  if (!signed.ok) return refuse(c, { kind: 'sign', fault: signed.error })
  noteSigned(c.get('record'), signed.value)
  return c.json(signed.value)
}

interface Prepared {
  readonly bucket: string | null
  readonly signer: Result<Signer, Failure>
  /** Its own line of the log. */
  readonly record: RequestRecord
}

function prepareItem(c: Ctx, input: unknown, base: string): Prepared {
  const record: RequestRecord = {}
  c.set('record', record)
  const body = checkShape(signBody, input, base)
  if (!body.ok) return { bucket: null, signer: body, record }
  const signer = prepare(c, body.value, base)
  return { bucket: signer.ok ? body.value.bucket : null, signer, record }
}

async function signItem(c: Ctx, { signer, record }: Prepared): Promise<Results[number]> {
  c.set('record', record)
  if (!signer.ok) return toProblem(c, signer.error).problem
  const signed = await signer.value()
  if (!signed.ok) return toProblem(c, { kind: 'sign', fault: signed.error }).problem
  noteSigned(record, signed.value)
  return { status: 200, ...signed.value }
}

/** Every request of a batch is judged by itself: one refusal costs the others nothing. */
async function signMany(c: Ctx, input: object): Promise<Response> {
  const body = checkShape(signBatch, input)
  if (!body.ok) return refuse(c, body.error)
  const own = c.get('record')
  const prepared = body.value.requests.map((item, at) => prepareItem(c, item, `/requests/${at}`))
  c.set('record', own)
  const limited = await limitBySubject(c, 'sign', ...prepared.map(({ bucket }) => bucket))
  if (limited !== null) return refuse(c, limited)
  const results: Results = []
  for (const item of prepared) results.push(await signItem(c, item))
  const refused = results.filter(({ status }) => status !== 200).length
  c.set('record', { ...own, count: results.length, refused })
  c.set(
    'items',
    prepared.map(({ record }) => record),
  )
  const answer: SignBatchAnswer = { results }
  return c.json(answer)
}

export async function sign(c: Ctx): Promise<Response> {
  const json = await readJson(c.req.raw, MAX_LIST_BODY_BYTES)
  if (!json.ok) return refuse(c, json.error)
  return 'requests' in json.value ? signMany(c, json.value) : signOne(c, json.value)
}
