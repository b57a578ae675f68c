// The `postern` command: picks the verb. Exit codes: 0 done, 1 refused or failed, 2 bad usage.
import { checkToken } from './check.ts'
import { makeKeys } from './keys.ts'
import { revoke } from './revoke.ts'
import { mintToken } from './token.ts'
import { UsageError } from './usage.ts'

const USAGE = `usage: npm run postern -- VERB …

  token --sub alice [--claim role=admin]… [--expires-in SECONDS] [--port 8787]
      mints a development token for the gateway of npm start
  token check TOKEN|- [--config wrangler.toml] [--env NAME] [--json]
      says which check refuses a token; "-" reads it from standard input. Without --config: the gateway of npm start,
      with it: secrets are taken from the environment
  revoke --sub alice | --jti ID [--issuer URL] [--ttl SECONDS] [--config wrangler.toml] [--env NAME] [--json]
      ends all tokens that a subject has so far, or one token; --config: at the deployed gateway
  keys new [--postern-key] [--webhook-secret] [--json]
      makes POSTERN_SIGNING_KEY (an ES256 private JWK), or the secrets named, and prints them to standard output`

function run(args: readonly string[]): Promise<number> {
  const [verb, ...rest] = args
  if (verb === 'token') return rest[0] === 'check' ? checkToken(rest.slice(1)) : mintToken(rest)
  if (verb === 'revoke') return revoke(rest)
  if (verb === 'keys') return makeKeys(rest)
  throw new UsageError(verb === undefined ? 'a verb is needed' : 'there is no such verb')
}

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`${error.message}\n\n${USAGE}`)
  process.exitCode = 2
}
