// `npm run bench:tokens`: what the gate costs beside the bare cryptography, and what junk costs beside a good token.
import { SignJWT } from 'jose/jwt/sign'
import { createLocalKeySet } from '../src/core/token/keys.ts'
import type { Issuer } from '../src/core/token/issuer.ts'
import { verifyToken } from '../src/core/token/verify.ts'
import { median } from './support/load.ts'

const ROUNDS = 11
const LOOPS = 3000
const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
const pair = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair
const { kty, crv, x, y } = (await crypto.subtle.exportKey('jwk', pair.publicKey)) as JsonWebKey
const keys = await createLocalKeySet({ kind: 'jwks', jwks: { keys: [{ kty, crv, x, y }] } }, [
  'ES256',
])
if (!keys.ok) throw new Error('no keys')
const issuer: Issuer = {
  issuer: 'iss',
  audiences: ['aud'],
  algorithms: ['ES256'],
  subjectClaim: 'sub',
  leewaySeconds: 30,
  onRevocationError: 'deny',
  keys: keys.value,
}
const issuers = new Map([['iss', issuer]])
const token = await new SignJWT({})
  .setProtectedHeader({ alg: 'ES256' })
  .setIssuer('iss')
  .setAudience('aud')
  .setSubject('alice')
  .setExpirationTime('1h')
  .sign(pair.privateKey)
const [head = '', body = '', signature = ''] = token.split('.')
const input = new TextEncoder().encode(`${head}.${body}`)
const bytes = Uint8Array.from(Buffer.from(signature, 'base64url'))
const hash = { name: 'ECDSA', hash: 'SHA-256' }
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
/** Without a memory: a configuration of its own has seen no token. */
const verify = async (text: string): Promise<boolean> =>
  (await verifyToken(text, new Map([['iss', issuer]]), Date.now())).ok
const verifyAgain = async (): Promise<boolean> => (await verifyToken(token, issuers, Date.now())).ok

const CASES: readonly (readonly [string, boolean, () => Promise<boolean>])[] = [
  [
    'bare crypto.subtle.verify, ES256',
    true,
    () => crypto.subtle.verify(hash, pair.publicKey, bytes, input),
  ],
  ['the gate, a good ES256 token', true, () => verify(token)],
  ['the same, seen before', true, verifyAgain],
  ['junk: random text', false, () => verify('x'.repeat(token.length))],
  [
    'junk: three parts that are no JSON',
    false,
    () => verify(`${'A'.repeat(40)}.${'A'.repeat(120)}.${'A'.repeat(86)}`),
  ],
  ['junk: alg none', false, () => verify(`${encode({ alg: 'none' })}.${body}.${signature}`)],
  ['junk: another issuer', false, () => verify(`${head}.${encode({ iss: 'evil' })}.${signature}`)],
  ['junk: a wrong signature', false, () => verify(`${head}.${body}.${'A'.repeat(86)}`)],
]

const samples = CASES.map((): number[] => [])
// One round to warm up, not counted.
for (let round = -1; round < ROUNDS; round += 1) {
  for (const [at, [name, expected, work]] of CASES.entries()) {
    const before = process.cpuUsage()
    for (let loop = 0; loop < LOOPS; loop += 1)
      if ((await work()) !== expected) throw new Error(name)
    const { user, system } = process.cpuUsage(before)
    if (round >= 0) samples[at]?.push((user + system) / LOOPS)
  }
}
const medians = samples.map(median)
const [bare = 1, good = 1] = medians
console.log('| case | CPU, bare verify = 1 | good token = 1 |\n|---|---|---|')
for (const [at, [name]] of CASES.entries()) {
  const cost = medians[at] ?? 0
  console.log(`| ${name} | ${(cost / bare).toFixed(2)} | ${(cost / good).toFixed(2)} |`)
}
