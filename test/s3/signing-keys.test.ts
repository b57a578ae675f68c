// Eighty accepted keys that are hard on encoders: each is written and read back under exactly that key.
import { expect, test } from 'vitest'
import { call, findLiveFault, gateway, send } from '../support/s3/client.ts'
import { listKeys } from '../support/s3/owner.ts'
import type { SignBatchAnswer } from '../../src/contract/sign.ts'

const isCeph = gateway.s3.kind === 'external'
const FOLDER = `users/alice/${crypto.randomUUID()}`
const room = 1024 - FOLDER.length - 1

/** All printable ASCII but "/" and "\\", in names of a few characters. */
const ASCII = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at))
  .filter((character) => !'/\\'.includes(character))
  .reduce<string[]>((names, character, at) => {
    if (at % 6 === 0) names.push('')
    return [...names.slice(0, -1), `${names.at(-1)}${character}`]
  }, [])

const NAMES: readonly string[] = [
  ...ASCII,
  '+',
  'plus+plus++',
  'a b  c',
  ' leading',
  'trailing ',
  "it's (1)!*.txt",
  'a%2Fb',
  'a%2fb',
  '%',
  '%%',
  '%25',
  '%zz',
  '%00',
  'a%2e%2eb',
  '100%',
  '..a',
  'a..',
  '...',
  '.hidden/.b',
  '~/.~',
  'a=b&c=d',
  '?query',
  '#fragment',
  'a?b#c',
  'http:/x',
  'semi;colon,comma@at$dollar',
  'quote"double',
  '<a>&amp;</a>',
  'x-id=GetObject',
  'X-Amz-Signature=0',
  '$(id)',
  'é',
  'e\u0301\u0323',
  '\u212b',
  'Grüße + (1).txt',
  'Привет мир',
  'שלום',
  'مرحبا',
  '日本語/ファイル.txt',
  '한국어',
  'हिन्दी',
  '🚀',
  '👩‍👩‍👧‍👦/👍🏽',
  '\ufeffbom',
  'no\u00a0break',
  'zero\u200bwidth',
  'line\u2028separator',
  'soft\u00adhyphen',
  'right\u202eleft',
  '\ue000private',
  '\u{10fffd}',
  '\uffff',
  'ÿ\u07ff\u0800',
  'x'.repeat(room),
  'é'.repeat(Math.floor(room / 2)),
  '€'.repeat(Math.floor(room / 3)),
  '🚀'.repeat(Math.floor(room / 4)),
  '/ab'.repeat(300).slice(1),
  '+'.repeat(room),
  'index.html',
  'UPPER/lower/MiXed',
  'CON',
  'null',
  'undefined',
  '0',
]
/** The embedded store's own router knows no path with a line separator: 404 for any request. */
const KEYS = NAMES.filter((name) => isCeph || !name.includes('\u2028')).map(
  (name) => `${FOLDER}/${name}`,
)

/** Signs all in one call; each URL is verified by the second implementation. */
async function signAll(requests: readonly object[]) {
  const answer = await call('alice', 'POST', '/v1/sign', { requests })
  const { results } = (await answer.json()) as SignBatchAnswer
  return results.map((result) => {
    if (!('url' in result) || !('headers' in result)) throw new Error(JSON.stringify(result))
    expect(findLiveFault(result)).toBeNull()
    return result
  })
}

test('eighty keys, and no two of them are one', () => {
  expect(KEYS.length).toBeGreaterThanOrEqual(80)
  expect(new Set(KEYS.map((key) => key.normalize('NFC'))).size).toBe(KEYS.length)
})

test('each key is written and read back, and nothing else is', { timeout: 60_000 }, async () => {
  const size = (key: string): number => new TextEncoder().encode(key).length
  const puts = await signAll(
    KEYS.map((key) => ({
      bucket: 'media',
      key,
      method: 'PUT',
      size: size(key),
      type: 'text/plain',
    })),
  )
  // The body is the key itself: an object under another name would say so.
  for (const [at, put] of puts.entries()) expect((await send(put, KEYS[at])).status).toBe(200)

  // The embedded store is an R2, which folds keys to NFC.
  const expected = isCeph ? KEYS : KEYS.map((key) => key.normalize('NFC'))
  expect((await listKeys(`${FOLDER}/`)).toSorted()).toEqual(expected.toSorted())

  const gets = await signAll(KEYS.map((key) => ({ bucket: 'media', key, method: 'GET' })))
  for (const [at, get] of gets.entries()) expect(await (await send(get)).text()).toBe(KEYS[at])
})
