// The `postern` command: its first verb mints tokens for the local gateway.
import { parseArgs } from 'node:util'
import { parseSecretText } from '../core/token/keys.ts'
import { loadSecrets } from '../../scripts/local.ts'
import { mintDevelopmentToken } from './token.ts'

const USAGE =
  'usage: npm run token -- --sub alice [--claim role=admin]… [--expires-in SECONDS] [--port 8787]'

function fail(message: string): never {
  console.error(`${message}\n${USAGE}`)
  process.exit(2)
}

function readOptions() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        sub: { type: 'string' },
        claim: { type: 'string', multiple: true, default: [] },
        'expires-in': { type: 'string', default: '43200' },
        port: { type: 'string', default: '8787' },
      },
    })
  } catch {
    return fail('unknown or incomplete option')
  }
}

const { values, positionals } = readOptions()
if (positionals[0] !== 'token' || positionals.length > 1) fail('the one command so far is token')
if (values.sub === undefined || values.sub === '') fail('--sub is required')
const expiresIn = Number(values['expires-in'])
if (!Number.isInteger(expiresIn) || expiresIn < 1) fail('--expires-in is a number of seconds')
const claims = Object.fromEntries(
  values.claim.map((text) => {
    const equals = text.indexOf('=')
    return equals < 1
      ? fail('--claim is name=value')
      : [text.slice(0, equals), text.slice(equals + 1)]
  }),
)
const secret = parseSecretText(loadSecrets()['SESSION_SECRET'] ?? '')
if (secret === null)
  fail('the local session secret is malformed: delete .dev.vars.local and start again')
const base = `http://localhost:${values.port}`
console.log(
  await mintDevelopmentToken({
    issuer: `${base}/dev`,
    audience: base,
    secret,
    sub: values.sub,
    claims,
    expiresIn,
  }),
)
