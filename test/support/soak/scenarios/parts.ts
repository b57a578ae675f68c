// Scenarios of uploads in parts: resumed at another gateway or after a kill, completed, dropped, over what is granted.
import type { PartsAnswer, UploadAnswer } from '../../../../src/contract/upload.ts'
import { json, sendSigned, type Stage } from '../stage.ts'
import { TINY_BYTES } from '../settings.ts'
import { KV, other, STORE, toCompleted, toState } from './uploads.ts'

const MIB = 2 ** 20
/** One in so many has two parts: the first of them is of 8 MiB, and S3 frees the space of parts late. */
const RARELY = 150

async function sendPart(stage: Stage, id: string, partNumber: number, content: string) {
  const body = { parts: [{ partNumber, size: Buffer.byteLength(content) }] }
  const signed = await stage.ask(
    'POST',
    `/v1/uploads/${id}/parts`,
    { status: 200, needs: KV },
    {
      body,
      side: other(stage),
    },
  )
  const [part] = json<PartsAnswer>(signed).parts
  if (part === undefined) throw new Error('a window without its part')
  const sent = await sendSigned(stage.verify(part), content)
  stage.expect(sent.status === 200, `a part: ${sent.status} ${sent.body.toString()}`)
  return { partNumber, etag: (sent.headers.get('ETag') ?? '').replaceAll('"', '') }
}

async function open(stage: Stage, key: string): Promise<string> {
  const body = { bucket: 'media', key, type: 'text/plain' }
  const opened = await stage.ask('POST', '/v1/uploads', { status: 201, needs: STORE }, { body })
  const { id, strategy } = json<UploadAnswer>(opened)
  stage.expect(strategy === 'multipart', 'an upload of unknown size that is not of parts')
  return id
}

/** The local R2 cannot list what has arrived. */
const progress = (stage: Stage, id: string, state: 'open' | 'complete' | 'gone') =>
  stage.s3.kind === 'embedded'
    ? stage.ask('GET', `/v1/uploads/${id}`, {
        status: 501,
        code: 'unsupported_by_provider',
        needs: KV,
      })
    : stage.ask('GET', `/v1/uploads/${id}`, toState(state), { side: other(stage) })

export async function parts(stage: Stage): Promise<void> {
  const { subject, owner, kept, chance, ledger } = stage
  const fromMs = Date.now()
  const key = `users/${subject}/parts.txt`
  const id = await open(stage, key)
  const last = stage.text()
  const isLarge = chance.once(RARELY)
  const pieces = isLarge ? ['x'.repeat(8 * MIB), last] : [last]
  const named = []
  for (const [at, piece] of pieces.entries()) {
    named.push(await sendPart(stage, id, at + 1, piece))
    // So that kills hit in the middle.
    await stage.pause(3000)
    await progress(stage, id, 'open')
  }
  const content = pieces.join('')
  const [etag] = named
  const complete = `/v1/uploads/${id}/complete`
  const want = { status: 200, needs: STORE }
  const body = { parts: named }
  const first = json<{ etag: string; size: number }>(
    await stage.ask('POST', complete, want, { body }),
  )
  stage.expect(first.size === content.length, 'the size of a completed upload')
  stage.expect(first.etag !== etag?.etag, 'the ETag of parts is that of an object')
  const same = toCompleted(key, content, first.etag)
  await stage.ask('POST', complete, same, { body, side: other(stage) })
  stage.expect((await owner.read(key)) === content, `an object that was completed: ${key}`)
  await progress(stage, id, 'complete')
  const conflict = { status: 409, code: 'conflict', needs: STORE }
  await stage.ask('DELETE', `/v1/uploads/${id}`, conflict)
  if (ledger.kills(fromMs, Date.now()) > 0)
    ledger.count('uploads in parts with a kill in the middle')
  if (!isLarge && chance.once(4)) kept.set(key, content)
  else await owner.remove(key)
}

export async function dropped(stage: Stage): Promise<void> {
  const { subject, owner } = stage
  const key = `users/${subject}/dropped.txt`
  const id = await open(stage, key)
  const part = await sendPart(stage, id, 1, stage.text())
  await stage.pause(500)
  const gone = { status: 204, needs: STORE }
  await stage.ask('DELETE', `/v1/uploads/${id}`, gone)
  await progress(stage, id, 'gone')
  await stage.ask('DELETE', `/v1/uploads/${id}`, gone, { side: other(stage) })
  const conflict = { status: 409, code: 'conflict', needs: STORE }
  await stage.ask('POST', `/v1/uploads/${id}/complete`, conflict, { body: { parts: [part] } })
  await progress(stage, id, 'gone')
  stage.expect((await owner.read(key)) === null, 'an object of an upload that was dropped')
}

/** A size that nobody knows yet is bound by what is granted, part by part. */
export async function oversized(stage: Stage): Promise<void> {
  const { subject } = stage
  const id = await open(stage, `tiny/${subject}/a.txt`)
  const ask = (part: object, status: number, code: string) =>
    stage.ask(
      'POST',
      `/v1/uploads/${id}/parts`,
      { status, code, needs: KV },
      {
        body: { parts: [part] },
      },
    )
  await ask({ partNumber: 1, size: TINY_BYTES + 1 }, 400, 'invalid_request')
  await ask({ partNumber: 2, size: 1 }, 413, 'too_large')
  const named = await sendPart(stage, id, 1, 'x'.repeat(TINY_BYTES))
  const done = await stage.ask(
    'POST',
    `/v1/uploads/${id}/complete`,
    { status: 200, needs: STORE },
    {
      body: { parts: [named] },
    },
  )
  stage.expect(json<{ size: number }>(done).size === TINY_BYTES, 'an upload of all that is granted')
  await stage.owner.remove(`tiny/${subject}/a.txt`)
}
