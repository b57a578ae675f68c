// Key sets, local and published: which keys are found for a header, and what is said of each that is refused.
import { exportJWK } from 'jose/key/export'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Algorithm } from '../../../src/core/token/issuer.ts'
import type { PublicJwk } from '../../../src/core/token/jwk.ts'
import {
  createLocalKeySet,
  judgeFamily,
  parseSecretText,
  toKeySet,
} from '../../../src/core/token/keys.ts'
import { parseRemoteKeys } from '../../../src/core/token/remote-keys.ts'
import type { KeySet } from '../../../src/ports.ts'

const message = new TextEncoder().encode('one key of several')
/** A signature by each key that was made, and under what, by its x. */
const signed = new Map<unknown, { by: EcdsaParams; signature: ArrayBuffer }>()

interface EcdsaParams {
  readonly name: 'ECDSA'
  readonly hash: string
}

async function makePoint(namedCurve = 'P-256'): Promise<PublicJwk> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve }, true, [
    'verify',
    'sign',
  ])
  if (!('publicKey' in pair)) throw new Error('no pair')
  const jwk = await exportJWK(pair.publicKey)
  const by = { name: 'ECDSA', hash: 'SHA-256' } as const
  signed.set(jwk.x, { by, signature: await crypto.subtle.sign(by, pair.privateKey, message) })
  return { ...jwk }
}

/** Which of the keys that were made this is: imported keys cannot be exported, but verify. */
async function xOfKey(key: CryptoKey): Promise<unknown> {
  for (const [x, { by, signature }] of signed) {
    if (await crypto.subtle.verify(by, key, signature, message)) return x
  }
  return undefined
}

/** Keys of one algorithm under kids 0, 1, 2 …, told apart by their place. */
const points: PublicJwk[] = []
beforeAll(async () => {
  for (let at = 0; at < 6; at += 1) points.push(await makePoint())
})

async function xOf(keys: KeySet, alg: string, kid?: string): Promise<unknown[]> {
  const found = await keys.find({ alg, ...(kid !== undefined && { kid }) })
  if (found.kind !== 'keys') throw new Error(found.kind)
  return Promise.all(found.keys.map(xOfKey))
}

const local = (keys: readonly PublicJwk[], algorithms: readonly Algorithm[] = ['ES256']) =>
  createLocalKeySet({ kind: 'jwks', jwks: { keys } }, algorithms)

async function faultsOf(...input: Parameters<typeof local>) {
  const keys = await local(...input)
  return keys.ok ? [] : keys.error
}

const at = (index: number, change: object = {}): PublicJwk => ({ ...points[index], ...change })

describe('a set', () => {
  test('finds by algorithm and, where the token has one, by kid', async () => {
    const keys = await local([at(0, { kid: 'a' }), at(1, { kid: 'b' }), at(2)])
    if (!keys.ok) throw new Error('refused')
    expect(await xOf(keys.value, 'ES256', 'a')).toStrictEqual([at(0)['x']])
    expect(await xOf(keys.value, 'ES256', 'b')).toStrictEqual([at(1)['x']])
    expect(await xOf(keys.value, 'ES256', 'c')).toStrictEqual([])
    expect(await xOf(keys.value, 'ES256')).toStrictEqual([at(0)['x'], at(1)['x'], at(2)['x']])
    expect(await xOf(keys.value, 'ES384')).toStrictEqual([])
    expect(await xOf(keys.value, 'ES384', 'a')).toStrictEqual([])
  })
  test('tries at most four for a token without a kid', async () => {
    const keys = await local(points)
    if (!keys.ok) throw new Error('refused')
    expect(await xOf(keys.value, 'ES256')).toStrictEqual(
      [0, 1, 2, 3].map((index) => at(index)['x']),
    )
  })
  test('of nothing finds nothing', async () => {
    expect(await toKeySet([]).find({ alg: 'ES256' })).toStrictEqual({ kind: 'keys', keys: [] })
  })
  test('of two curves', async () => {
    const other = await makePoint('P-384')
    const keys = await local([at(0), other], ['ES256', 'ES384'])
    if (!keys.ok) throw new Error('refused')
    expect(await xOf(keys.value, 'ES384')).toStrictEqual([other['x']])
    expect(await faultsOf([at(0)], ['ES256', 'ES384'])).toStrictEqual([
      { path: 'jwks', detail: 'has no key for ES384' },
    ])
  })
})

describe('refused', () => {
  test('with its path', async () => {
    expect(await faultsOf([at(0), at(1, { d: 'AA' })])).toStrictEqual([
      { path: 'jwks.keys[1]', detail: 'holds a private or symmetric key' },
    ])
    expect(await faultsOf([at(0, { x: 'AAAA' })])).toStrictEqual([
      { path: 'jwks.keys[0]', detail: 'is not a valid public key' },
    ])
    expect(await faultsOf([at(0)], ['ES512'])).toStrictEqual([
      { path: 'jwks.keys[0]', detail: 'fits none of the algorithms' },
    ])
    const okp = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
    const ambiguous = 'required, since several algorithms fit this key'
    expect(await faultsOf([okp], ['EdDSA', 'Ed25519'])).toStrictEqual([
      { path: 'jwks.keys[0].alg', detail: ambiguous },
    ])
    expect(await faultsOf([okp], ['EdDSA'])).toStrictEqual([])
  })
  test('is a kid that stands twice, but not two keys without one', async () => {
    const kid = 'a'
    expect(await faultsOf([at(0, { kid }), at(1, { kid })])).toStrictEqual([
      { path: 'jwks.keys[1].kid', detail: 'stands twice' },
    ])
    expect(await faultsOf([at(0, { kid }), at(1), at(2, { kid: 'b' })])).toStrictEqual([])
    expect(await faultsOf([at(0, { kid }), at(1), at(2), at(3, { kid })])).toStrictEqual([
      { path: 'jwks.keys[3].kid', detail: 'stands twice' },
    ])
  })
  test('is every key that is bad, all together', async () => {
    const faults = await faultsOf([at(0, { use: 'enc' }), at(1), at(2, { kty: 'oct' })])
    expect(faults.map(({ path }) => path)).toStrictEqual(['jwks.keys[0]', 'jwks.keys[2]'])
  })
})

describe('families', () => {
  const mixed = { path: 'algorithms', detail: 'HS* and asymmetric algorithms never together' }
  const wrong = {
    path: 'algorithms',
    detail: 'HS* goes with secret, everything else with jwks',
  }
  test.for([
    ['secret', ['HS256'], null],
    ['secret', ['HS256', 'HS512'], null],
    ['secret', ['ES256'], wrong],
    ['secret', [], wrong],
    ['secret', ['HS256', 'ES256'], mixed],
    ['secret', ['ES256', 'HS256'], mixed],
    ['jwks', ['ES256', 'RS256'], null],
    ['jwks', ['HS256'], wrong],
    ['jwks', ['RS256', 'HS256'], mixed],
  ] as const)('%s with %j', ([kind, algorithms, fault]) => {
    expect(judgeFamily(kind, algorithms)).toStrictEqual(fault)
  })
  test('are judged before any key', async () => {
    expect(await faultsOf([at(0, { d: 'AA' })], ['HS256'])).toStrictEqual([wrong])
  })
})

describe('secrets', () => {
  const secret = (length: number) => ({
    kind: 'secret' as const,
    bytes: new Uint8Array(length).fill(1),
  })
  test.for([
    ['HS256', 32],
    ['HS384', 48],
    ['HS512', 64],
  ] as const)('%s of %i bytes', async ([alg, length]) => {
    expect(await createLocalKeySet(secret(length - 1), [alg])).toStrictEqual({
      ok: false,
      error: [{ path: 'secret', detail: `${alg} needs a secret of at least ${length} bytes` }],
    })
    const keys = await createLocalKeySet(secret(length), [alg])
    const found = keys.ok ? await keys.value.find({ alg, kid: 'any' }) : null
    if (found?.kind !== 'keys') throw new Error('refused')
    const [key, ...more] = found.keys
    expect(more).toStrictEqual([])
    expect([key?.type, key?.extractable, key?.usages, key?.algorithm]).toStrictEqual([
      'secret',
      false,
      ['verify'],
      { name: 'HMAC', hash: { name: `SHA-${alg.slice(2)}` }, length: length * 8 },
    ])
  })
  test('serve each of their algorithms and no other', async () => {
    const keys = await createLocalKeySet(secret(64), ['HS256', 'HS512'])
    if (!keys.ok) throw new Error('refused')
    const counts = await Promise.all(
      ['HS256', 'HS384', 'HS512', 'none'].map(async (alg) => {
        const found = await keys.value.find({ alg })
        return found.kind === 'keys' ? found.keys.length : -1
      }),
    )
    expect(counts).toStrictEqual([1, 0, 1, 0])
  })
  test.for([
    ['hex:00ff', [0, 255]],
    ['hex:00FF', [0, 255]],
    ['hex:', []],
    ['hex:0', null],
    ['hex:0g', null],
    ['hex:00 ', null],
    ['hex:x00', null],
    ['base64url:AP8', [0, 255]],
    ['base64url:', []],
    ['base64url:AP8=', null],
    ['base64url:AP9', null],
    ['HEX:0', [72, 69, 88, 58, 48]],
    ['é', [195, 169]],
    ['a hex:', [97, 32, 104, 101, 120, 58]],
  ] as const)('%j', ([text, bytes]) => {
    expect(parseSecretText(text)).toStrictEqual(bytes === null ? null : Uint8Array.from(bytes))
  })
})

describe('a published set', () => {
  const publish = (keys: readonly unknown[], algorithms: readonly Algorithm[] = ['ES256']) =>
    parseRemoteKeys(JSON.stringify({ keys }), algorithms)
  test('is what is sound in it', async () => {
    const keys = await publish([
      at(0, { kid: 'a' }),
      at(1, { kid: 'private', d: 'AA' }),
      at(2, { kid: 'enc', use: 'enc' }),
      { kty: 'oct', k: 'AAAA', kid: 'oct' },
      { kty: 'RSA', n: 'AQAB', e: 'AQAB', kid: 'rsa' },
      at(3, { x: 'AAAA', kid: 'invalid' }),
      { kty: 'future' },
      at(4),
    ])
    if (keys === null) throw new Error('none')
    expect(await xOf(keys, 'ES256')).toStrictEqual([at(0)['x'], at(4)['x']])
    expect(await xOf(keys, 'ES256', 'a')).toStrictEqual([at(0)['x']])
    for (const kid of ['private', 'enc', 'invalid'])
      expect(await xOf(keys, 'ES256', kid)).toStrictEqual([])
  })
  test('loses all of one kid that stands twice', async () => {
    const keys = await publish([at(0, { kid: 'a' }), at(1, { kid: 'b' }), at(2, { kid: 'a' })])
    if (keys === null) throw new Error('none')
    expect(await xOf(keys, 'ES256')).toStrictEqual([at(1)['x']])
    expect(await publish([at(0), at(1)])).not.toBeNull()
  })
  test('loses a key that fits several algorithms and does not say which', async () => {
    const okp = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
    expect(await publish([okp], ['EdDSA', 'Ed25519'])).toBeNull()
    expect(await publish([{ ...okp, alg: 'EdDSA' }], ['EdDSA', 'Ed25519'])).not.toBeNull()
  })
  test.for([[], [{}], [{ kty: 'oct', k: 'AA' }]])('of %j has none', async (keys) => {
    expect(await publish(keys)).toBeNull()
  })
  test('is one JSON object with a list of objects', async () => {
    const key = JSON.stringify(at(0))
    expect(await parseRemoteKeys(`{"keys":[${key}],"more":1}`, ['ES256'])).not.toBeNull()
    for (const text of [
      '',
      'null',
      '[]',
      `[${key}]`,
      key,
      '"keys"',
      '{"keys":{}}',
      `{"keys":${key}}`,
      `{"keys":[${key},null]}`,
      `{"keys":[${key},5]}`,
      `{"keys":[${key},[]]}`,
      `{"keys":[${key}],"keys":[${key}]}`,
      `{"Keys":[${key}]}`,
    ])
      expect(await parseRemoteKeys(text, ['ES256'])).toBeNull()
  })
})
