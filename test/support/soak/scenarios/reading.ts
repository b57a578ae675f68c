// Scenarios of reading: redirects, single and batch signing, lists with their exact limit.
import type { SignedRequest } from '../../../../src/contract/common.ts'
import type { ObjectsAnswer } from '../../../../src/contract/objects.ts'
import type { SignBatchAnswer } from '../../../../src/contract/sign.ts'
import { json, sendSigned, type Stage } from '../stage.ts'
import { LISTS } from '../settings.ts'

const KV = ['kv'] as const

/** What stands behind a signed URL for reading is what its owner put there. */
async function follow(stage: Stage, url: string, method: 'GET' | 'HEAD', content: string) {
  const request = stage.verify({ method, url, headers: {}, expiresAt: '' })
  const { status, body } = await sendSigned(request)
  const isRight = status === 200 && (method === 'HEAD' || body.toString() === content)
  stage.expect(isRight, `behind a signed ${method}: ${status} ${body.toString().slice(0, 200)}`)
}

export async function download(stage: Stage): Promise<void> {
  const { subject, owner } = stage
  const key = `users/${subject}/a b+ü.txt`
  const path = `/o/media/users/${subject}/a%20b+%C3%BC.txt`
  const content = stage.text()
  await owner.write(key, content)
  const get = await stage.ask('GET', path, { status: 302, needs: KV })
  await follow(stage, get.headers.get('Location') ?? '', 'GET', content)
  const head = await stage.ask('HEAD', path, { status: 302, needs: KV })
  await follow(stage, head.headers.get('Location') ?? '', 'HEAD', content)
  const told = await stage.ask(
    'GET',
    path,
    { status: 200, needs: KV },
    {
      headers: { Accept: 'application/json' },
    },
  )
  await follow(stage, json<SignedRequest>(told).url, 'GET', content)
  const denied = { status: 403, code: 'forbidden', needs: KV }
  await stage.ask('GET', `/o/media/users/${subject}x/a.txt`, denied)
  await stage.ask('GET', `/o/media/tiny/${subject}/a.txt`, denied)
  await stage.ask('GET', `/o/none/users/${subject}/a.txt`, denied)
  const malformed = { status: 400, code: 'invalid_request', needs: KV }
  await stage.ask('GET', `/o/media/users/${subject}//a.txt`, malformed)
  await owner.remove(key)
}

export async function sign(stage: Stage): Promise<void> {
  const { subject, owner } = stage
  const key = `users/${subject}/signed.txt`
  const content = stage.text()
  const size = content.length
  const put = { bucket: 'media', key, method: 'PUT', size, type: 'text/plain' }
  const one = (body: object, status: number, code?: string) =>
    stage.ask(
      'POST',
      '/v1/sign',
      { status, needs: KV, ...(code !== undefined && { code }) },
      { body },
    )
  const signed = stage.verify(json<SignedRequest>(await one(put, 200)))
  stage.expect(signed.headers['content-length'] === String(size), 'a PUT that binds no length')
  const sent = await sendSigned(signed, content)
  stage.expect(sent.status === 200, `a signed PUT: ${sent.status} ${sent.body.toString()}`)
  stage.expect((await owner.read(key)) === content, 'what a signed PUT has stored')
  const longer = await sendSigned(signed, `${content}!`)
  stage.expect(longer.status >= 400, `a signed PUT took another length: ${longer.status}`)
  const read = json<SignedRequest>(await one({ bucket: 'media', key, method: 'GET' }, 200))
  await follow(stage, read.url, 'GET', content)
  const tiny = { ...put, key: `tiny/${subject}/a.txt` }
  await one({ ...tiny, size: 1001 }, 413, 'too_large')
  await one({ ...tiny, type: 'image/png' }, 415, 'unsupported_type')
  await one({ ...put, key: `users/${subject}0/a.txt` }, 403, 'forbidden')
  await one({ ...put, bucket: 'staged', key: `published/${subject}/a` }, 403, 'forbidden')
  await one({ ...put, key: `users/${subject}/../a` }, 400, 'invalid_request')
  const removing = await one({ bucket: 'media', key, method: 'DELETE' }, 200)
  const removed = await sendSigned(stage.verify(json<SignedRequest>(removing)))
  stage.expect(removed.status === 204, `a signed DELETE: ${removed.status}`)
  stage.expect((await owner.read(key)) === null, 'what a signed DELETE has left')
}

export async function batch(stage: Stage): Promise<void> {
  const { subject, chance } = stage
  const bucket = 'media'
  const own = `users/${subject}/`
  const toItem = (at: number): readonly [object, number] =>
    chance.pick<readonly [object, number]>([
      [{ bucket, key: `${own}${at}`, method: 'GET' }, 200],
      [{ bucket, key: `${own}${at}`, method: 'HEAD' }, 200],
      [{ bucket, key: `${own}${at}`, method: 'PUT', size: at, type: 'text/plain' }, 200],
      [{ bucket, key: `${own}${at}`, method: 'DELETE' }, 200],
      [{ bucket, key: `users/other-${subject}/${at}`, method: 'GET' }, 403],
      [{ bucket, key: `tiny/${subject}/${at}`, method: 'DELETE' }, 403],
      [{ bucket, key: `${own}/${at}`, method: 'GET' }, 400],
      [{ bucket, key: `${own}${at}`, method: 'PUT', size: 2 ** 30, type: 'text/plain' }, 413],
    ])
  const requests = Array.from({ length: 2 + chance.below(20) }, (_, at) => toItem(at))
  const body = { requests: requests.map(([request]) => request) }
  const answer = await stage.ask('POST', '/v1/sign', { status: 200, needs: KV }, { body })
  const { results } = json<SignBatchAnswer>(answer)
  const [got, wanted] = [results.map(({ status }) => status), requests.map(([, status]) => status)]
  stage.expect(got.join() === wanted.join(), `a batch: ${got.join()}, not ${wanted.join()}`)
  for (const result of results) if ('headers' in result) stage.verify(result)
}

/** An exact limit: it counts what reaches the storage, whether that answers or not, and not one more. */
export async function list(stage: Stage): Promise<void> {
  const { subject, owner } = stage
  const prefix = `users/${subject}/`
  const keys = ['a', 'b', 'deep/c', 'ü'].map((name) => prefix + name)
  for (const key of keys) await owner.write(key, key)
  const path = `/v1/objects?bucket=media&prefix=${encodeURIComponent(prefix)}`
  const judge = (reply: Parameters<typeof json>[0]): string | null => {
    const { objects, prefixes } = json<ObjectsAnswer>(reply)
    const found = [...objects.map(({ key, size }) => `${key} ${size}`), ...prefixes].toSorted()
    const there = keys
      .filter((key) => !key.includes('deep'))
      .map((key) => `${key} ${Buffer.byteLength(key)}`)
    return found.join() === [...there, `${prefix}deep/`].toSorted().join() ? null : 'another list'
  }
  // Its counters are those of one gateway, and a killed one may have counted what nobody heard of.
  const side = 'a' as const
  const needs = ['kv', 's3'] as const
  let used = 0
  for (let tries = 0; used < LISTS && tries < 40; tries += 1) {
    const outcome = await stage.once('GET', path, { status: 200, needs, judge }, { side })
    if (outcome.kind === 'wrong') stage.expect(false, 'a list within its limit')
    if (outcome.kind === 'answer' || (outcome.kind === 'excused' && outcome.status !== 503))
      used += 1
    else await stage.pause(800)
  }
  const over = { status: 429, code: 'rate_limited', needs: KV }
  for (let times = 0; times < 2; times += 1) {
    const { headers } = await stage.ask('GET', path, over, { side })
    stage.expect(Number(headers.get('Retry-After')) > 0, '429 without a time to come back')
  }
  const denied = { status: 403, code: 'forbidden', needs: KV }
  await stage.ask('GET', '/v1/objects?bucket=media&prefix=users%2F', denied, { side })
  for (const key of keys) await owner.remove(key)
}
