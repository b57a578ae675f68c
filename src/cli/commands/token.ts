// `postern token`: mints a development token with the local session secret.
import { parseSecretText } from '../../core/token/keys.ts'
import { createCommand } from '../frame/command.ts'
import type { Shell } from '../frame/shell.ts'
import { collect, toPair, toSeconds, UsageError } from '../frame/usage.ts'
import { mintDevelopmentToken } from '../mint-token.ts'
import { loadLocalSecrets } from '../settings.ts'
import { tokenCheckCommand } from './token-check.ts'

const TEXT = {
  summary: 'mint a development token',
  description:
    'Mints a session token for the gateway of npm start, signed with its local secret. It is good for nothing else.',
  examples: [
    { what: 'for a user with a role', line: 'postern token --sub alice --claim role=admin' },
    { what: 'into the environment', line: 'export POSTERN_TOKEN=$(postern token --sub alice)' },
  ],
}

export function tokenCommand(shell: Shell) {
  return createCommand(shell, 'token', TEXT)
    .option('--sub <subject>', 'whom the token is for (required)')
    .option('--claim <name=value>', 'a claim of type text; may stand several times', collect, [])
    .option('--expires-in <seconds>', 'how long it lives', '43200')
    .option('--port <port>', 'the port of npm start', '8787')
    .addCommand(tokenCheckCommand(shell))
    .action(async ({ sub, claim, expiresIn, port, json }) => {
      if (sub === undefined || sub === '') throw new UsageError('--sub is required')
      const claims = Object.fromEntries(claim.map((text) => toPair(text, '--claim')))
      const seconds = toSeconds(expiresIn, '--expires-in', 1)
      const secret = parseSecretText(loadLocalSecrets(shell.cwd)['SESSION_SECRET'] ?? '')
      if (secret === null)
        throw new UsageError('the local session secret is malformed: delete .dev.vars.local')
      const base = `http://localhost:${port}`
      const token = await mintDevelopmentToken({
        issuer: `${base}/dev`,
        audience: base,
        secret,
        sub,
        claims,
        expiresIn: seconds,
      })
      shell.print(json ? JSON.stringify({ token }) : token)
    })
}
