// `npm run ban -- --ip ADDRESS` or `--sub SUBJECT --issuer URL`, `--for 1h`: prints the command that writes the ban into KV.
// POSTERN_KEY comes from the environment; only a keyed hash of the address or subject enters the command.
import { parseArgs } from 'node:util'
import { toSubjectIp } from '../src/core/limit/address.ts'
import { createSealingKey, deriveHashKey, parsePosternKey, toKeyedHash } from '../src/core/seal.ts'
import { parseDuration } from '../src/core/units.ts'

/** KV's shortest life of a key. */
const MIN_SECONDS = 60

function fail(words: string): never {
  console.error(words)
  process.exit(2)
}

const { values } = parseArgs({
  options: {
    ip: { type: 'string' },
    sub: { type: 'string' },
    issuer: { type: 'string' },
    for: { type: 'string', default: '1h' },
  },
})
const { ip, sub, issuer } = values
const seconds = parseDuration(values.for)
if (seconds === undefined || seconds < MIN_SECONDS) fail('--for is a duration of at least 1m')
const bytes = parsePosternKey(process.env['POSTERN_KEY'] ?? '')
if (bytes === null) fail('the environment has no POSTERN_KEY')
const bySub = sub !== undefined && issuer !== undefined ? JSON.stringify([issuer, sub]) : null
const subject = ip === undefined ? bySub : toSubjectIp(ip)
if (subject === null || (ip !== undefined && sub !== undefined))
  fail('needed: --ip with an address, or --sub and --issuer')

const key = await deriveHashKey(await createSealingKey(bytes), 'limit')
const name = `rlban1/${await toKeyedHash(key, `ban:${ip === undefined ? 'sub' : 'ip'}\n${subject}`)}`
const metadata = JSON.stringify({ until: Date.now() + seconds * 1000 })
console.log(
  `npx wrangler kv key put ${name} 1 --metadata '${metadata}' --ttl ${seconds} --binding POSTERN_KV --remote`,
)
