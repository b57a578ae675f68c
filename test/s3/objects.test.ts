// Lists and deletes against a live S3: pages, prefixes, odd names, and what is below no granted prefix.
import { describe, expect, test } from 'vitest'
import type { ObjectsAnswer } from '../../src/contract/objects.ts'
import { call, freshKey, send, sign } from '../support/s3/client.ts'

const NAMES = [
  'a b+c.txt',
  'a%20b.txt',
  "it's (1)!*.txt",
  'Grüße/1.txt',
  'Grüße/2.txt',
  '日本/x.txt',
]

async function fill(names: readonly string[]): Promise<string> {
  const prefix = freshKey('alice', '')
  for (const name of names) {
    const put = { method: 'PUT', key: prefix + name, size: 1, type: 'text/plain' }
    expect((await send(await sign('alice', put), 'x')).status).toBe(200)
  }
  return prefix
}

async function list(query: Record<string, string>): Promise<ObjectsAnswer> {
  const search = new URLSearchParams({ bucket: 'media', ...query })
  const answer = await call('alice', 'GET', `/v1/objects?${search}`)
  expect(answer.status).toBe(200)
  // The shape is asserted by what the tests compare.
  return (await answer.json()) as ObjectsAnswer
}

describe('list', () => {
  test('objects and the next levels below a prefix, names exactly as written', async () => {
    const prefix = await fill(NAMES)
    const { objects, prefixes, cursor } = await list({ prefix })
    expect(objects.map(({ key }) => key).toSorted()).toEqual(
      NAMES.slice(0, 3)
        .map((name) => prefix + name)
        .toSorted(),
    )
    expect(prefixes.toSorted()).toEqual([`${prefix}Grüße/`, `${prefix}日本/`].toSorted())
    expect(cursor).toBeUndefined()
    expect(objects[0]).toEqual({
      key: expect.any(String),
      size: 1,
      etag: '9dd4e461268c8034f5c8564e155c67a6',
      lastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    })
  })

  test('pages hold all of it once', async () => {
    const prefix = await fill(['1', '2', '3', '4', '5'])
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await list({ prefix, limit: '2', ...(cursor !== undefined && { cursor }) })
      expect(page.objects.length).toBeLessThanOrEqual(2)
      seen.push(...page.objects.map(({ key }) => key.slice(prefix.length)))
      cursor = page.cursor
    } while (cursor !== undefined)
    expect(seen).toEqual(['1', '2', '3', '4', '5'])
  })
  test.each([
    ['%00', 400],
    ['%EF%BF%BF', 400],
    ['a%0Ab', 200],
    ['nothing', 200],
  ])(
    'a cursor that no answer gave, %s, is no failure of the storage: %i',
    async (cursor, status) => {
      const search = `bucket=media&prefix=users/alice/&cursor=${cursor}`
      expect((await call('alice', 'GET', `/v1/objects?${search}`)).status).toBe(status)
    },
  )

  test.each([
    ['', 403],
    ['users/', 403],
    ['users/bob/', 403],
    ['users/alice', 400],
    ['users/alice/../bob/', 400],
    ['/users/alice/', 400],
  ])('prefix %j is refused with %i', async (prefix, status) => {
    const search = new URLSearchParams({ bucket: 'media', prefix })
    expect((await call('alice', 'GET', `/v1/objects?${search}`)).status).toBe(status)
  })
})

describe('delete', () => {
  test('removes the object, and again', async () => {
    const [name = ''] = NAMES
    const prefix = await fill([name])
    const path = `/v1/objects/media/${(prefix + name).split('/').map(encodeURIComponent).join('/')}`
    expect((await list({ prefix })).objects).toHaveLength(1)
    for (let times = 0; times < 2; times += 1)
      expect((await call('alice', 'DELETE', path)).status).toBe(204)
    expect((await list({ prefix })).objects).toEqual([])
  })

  test.each([
    ['media/users/bob/x', 403],
    ['media/users/alice/a//b', 400],
    ['media/users/alice/..%2fbob', 400],
    ['other/users/alice/x', 403],
    ['media', 400],
    ['media/users/alice/x?versionId=1', 403],
    ['media/users/alice/x?version=1', 400],
  ])('%s is refused with %i', async (path, status) => {
    expect((await call('alice', 'DELETE', `/v1/objects/${path}`)).status).toBe(status)
  })
})
