// Scenarios of uploads in one PUT: opened once, sent, completed again and again, of another size, of somebody else.
import type { CompleteAnswer, UploadAnswer, UploadState } from '../../../../src/contract/upload.ts'
import type { Reply } from '../../fuzz/call.ts'
import { json, md5, sendSigned, type Stage } from '../stage.ts'

export const KV = ['kv'] as const
export const STORE = ['kv', 's3'] as const

export const toState = (state: UploadState['state']) => ({
  status: 200,
  needs: STORE,
  judge: (reply: Reply): string | null =>
    json<UploadState>(reply).state === state ? null : `not ${state}`,
})

/** The verified object, as it was sent. */
export const toCompleted = (key: string, content: string, etag = md5(content)) => ({
  status: 200,
  needs: STORE,
  judge(reply: Reply): string | null {
    const done = json<CompleteAnswer>(reply)
    const isRight = done.key === key && done.size === content.length && done.etag === etag
    return isRight ? null : `not ${key} ${content.length} ${etag}`
  },
})

export const other = (stage: Stage): 'a' | 'b' => (stage.chance.once(2) ? 'a' : 'b')

/** Completed, again, and for good: nothing of it is lost, and it is no upload any more. */
async function finish(stage: Stage, id: string, key: string, content: string): Promise<void> {
  const { owner, kept, chance } = stage
  const done = toCompleted(key, content)
  await stage.ask('POST', `/v1/uploads/${id}/complete`, done, { body: {} })
  await stage.ask('POST', `/v1/uploads/${id}/complete`, done, { body: {}, side: other(stage) })
  stage.expect((await owner.read(key)) === content, `an object that was completed: ${key}`)
  const conflict = { status: 409, code: 'conflict', needs: STORE }
  await stage.ask('DELETE', `/v1/uploads/${id}`, conflict)
  await stage.ask('GET', `/v1/uploads/${id}`, toState('complete'))
  if (chance.once(4)) {
    kept.set(key, content)
    return
  }
  const [, path = key] = /^(?:users|published)\/(.*)$/.exec(key) ?? []
  const bucket = key.startsWith('users/') ? 'media/users' : 'staged/published'
  await stage.ask('DELETE', `/v1/objects/${bucket}/${path}`, { status: 204, needs: STORE })
  stage.expect((await owner.read(key)) === null, `an object that was deleted: ${key}`)
}

export async function put(stage: Stage): Promise<void> {
  const { subject, chance } = stage
  const key = `users/${subject}/put.txt`
  const content = stage.text()
  const body = { bucket: 'media', key, size: content.length, type: 'text/plain' }
  const isNamed = chance.once(2)
  const headers = isNamed ? { 'Idempotency-Key': subject } : {}
  const open = { status: 201, needs: STORE }
  const opened = json<UploadAnswer>(await stage.ask('POST', '/v1/uploads', open, { body, headers }))
  stage.expect(opened.strategy === 'put', 'a small upload that is no PUT')
  const { id } = opened
  if (isNamed) {
    const again = await stage.ask('POST', '/v1/uploads', open, { body, headers })
    stage.expect(json<UploadAnswer>(again).id === id, 'an Idempotency-Key that opened twice')
    const twin = { status: 409, code: 'conflict', needs: STORE }
    await stage.ask('POST', '/v1/uploads', twin, { body: { ...body, type: 'text/html' }, headers })
  }
  await stage.ask('GET', `/v1/uploads/${id}`, toState('open'), { side: other(stage) })
  const conflict = { status: 409, code: 'conflict', needs: STORE }
  await stage.ask('POST', `/v1/uploads/${id}/complete`, conflict, { body: {} })
  const [part] = opened.parts
  if (part === undefined) return stage.expect(false, 'an upload without a part')
  const sent = await sendSigned(stage.verify(part), content)
  stage.expect(sent.status === 200, `the PUT of an upload: ${sent.status} ${sent.body.toString()}`)
  await stage.pause(500)
  await stage.ask('POST', '/v1/uploads', conflict, { body })
  await finish(stage, id, key, content)
}

/** What stands under the key is not what was declared: of somebody else it stays, of this upload it goes. */
export async function misfit(stage: Stage): Promise<void> {
  const { subject, owner, chance } = stage
  const key = `users/${subject}/misfit.txt`
  const content = stage.text()
  const body = { bucket: 'media', key, size: content.length, type: 'text/plain' }
  const opening = await stage.ask('POST', '/v1/uploads', { status: 201, needs: STORE }, { body })
  const { id, parts } = json<UploadAnswer>(opening)
  const own = { 'content-type': 'text/plain', ...parts[0]?.headers }
  const nonce = Object.entries(own).filter(([name]) => /^x-amz-meta-|^content-type$/.test(name))
  const path = `/v1/uploads/${id}/complete`
  if (chance.once(2)) {
    await owner.write(key, content, { 'content-type': 'text/plain' })
    await stage.ask('POST', path, { status: 409, code: 'conflict', needs: STORE }, { body: {} })
    stage.expect((await owner.read(key)) === content, 'an object of somebody else is gone')
    await owner.remove(key)
    return
  }
  await owner.write(key, `${content} and more`, Object.fromEntries(nonce))
  // The first attempt may have removed it.
  const want = { status: 422, code: 'size_mismatch', needs: STORE, again: [409] }
  await stage.ask('POST', path, want, { body: {} })
  stage.expect((await owner.read(key)) === null, 'an object of another size than declared stays')
}

/** What is not granted is refused when it is asked for, and a ticket is nobody else's. */
export async function refusals(stage: Stage): Promise<void> {
  const { subject } = stage
  const tiny = { bucket: 'media', key: `tiny/${subject}/a.txt`, type: 'text/plain', size: 1000 }
  const ask = (body: object, status: number, code: string) =>
    stage.ask('POST', '/v1/uploads', { status, code, needs: KV }, { body })
  await ask({ ...tiny, size: 1001 }, 413, 'too_large')
  await ask({ ...tiny, type: 'image/png' }, 415, 'unsupported_type')
  await ask({ ...tiny, key: `users/${subject}x/a.txt` }, 403, 'forbidden')
  await ask({ ...tiny, bucket: 'none' }, 403, 'forbidden')
  await ask({ ...tiny, overwrite: true }, 403, 'forbidden')
  await ask({ ...tiny, key: `tiny/${subject}/` }, 400, 'invalid_request')
  const open = { status: 201, needs: STORE }
  const { id } = json<UploadAnswer>(await stage.ask('POST', '/v1/uploads', open, { body: tiny }))
  const token = await stage.mintFor(`${subject}-other`)
  const unknown = { status: 404, code: 'not_found', needs: KV }
  await stage.ask('GET', `/v1/uploads/${id}`, unknown, { token })
  await stage.ask('POST', `/v1/uploads/${id}/complete`, unknown, { token, body: {} })
  await stage.ask('DELETE', `/v1/uploads/${id}`, unknown, { token })
  await stage.ask('DELETE', `/v1/uploads/${id}`, { status: 204, needs: STORE })
  await stage.ask('DELETE', `/v1/uploads/${id}`, { status: 204, needs: STORE })
}

/** Verified where it arrives, and published then. */
export async function staged(stage: Stage): Promise<void> {
  const { subject, owner } = stage
  const key = `published/${subject}/staged.txt`
  const content = stage.text()
  const body = { bucket: 'staged', key, size: content.length, type: 'text/plain' }
  const opening = await stage.ask('POST', '/v1/uploads', { status: 201, needs: STORE }, { body })
  const { id, parts } = json<UploadAnswer>(opening)
  const [part] = parts
  if (part === undefined) return stage.expect(false, 'an upload without a part')
  const sent = await sendSigned(stage.verify(part), content)
  stage.expect(sent.status === 200, `the PUT of an upload: ${sent.status} ${sent.body.toString()}`)
  stage.expect((await owner.read(key)) === null, 'published before it is complete')
  await finish(stage, id, key, content)
}
