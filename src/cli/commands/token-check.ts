// `postern token check`: the gateway's own verification, with the reason that it never tells a caller.
import { listGranted } from '../../core/policy/granted.ts'
import { describeTokenFault } from '../../core/token/fault.ts'
import { verifyToken } from '../../core/token/verify.ts'
import { createCommand } from '../frame/command.ts'
import type { Shell } from '../frame/shell.ts'
import { Refused } from '../frame/usage.ts'
import { loadConfig, toPlace } from '../settings.ts'

const TEXT = {
  summary: 'say which check refuses a token',
  description:
    'Verifies a session token as the gateway does, and says who it is for and what it may touch, or which check refuses it. Revocation is not looked at.',
  examples: [
    { what: 'at the gateway of npm start', line: 'postern token check "$POSTERN_TOKEN"' },
    {
      what: 'at another; its secrets are taken from the environment',
      line: 'postern token check - --config wrangler.toml < token.txt',
    },
  ],
}

export function tokenCheckCommand(shell: Shell) {
  return createCommand(shell, 'check', TEXT)
    .argument('<token>', 'the token; "-" reads it from standard input')
    .option('--config <file>', 'the wrangler.toml of a gateway; else that of npm start')
    .option('--env <name>', 'its environment')
    .action(async (given, { config, env, json }) => {
      const { issuers, policy } = await loadConfig(shell, toPlace(shell, config, env))
      const token = given === '-' ? (await shell.readInput()).trim() : given
      const session = await verifyToken(token, issuers, shell.now())
      if (!session.ok) {
        const reason = describeTokenFault(session.error)
        shell.print(json ? JSON.stringify({ ok: false, reason }) : `refused: ${reason}`)
        throw new Refused()
      }
      const { issuer, subject, expiresAtSeconds } = session.value
      const expiresAt = new Date(expiresAtSeconds * 1000).toISOString()
      const grants = listGranted(policy, session.value)
      if (json) {
        shell.print(JSON.stringify({ ok: true, issuer, subject, expiresAt, grants }))
        return
      }
      shell.print(
        `valid: ${subject} of ${issuer}, until ${expiresAt} (revocation is not looked at)`,
      )
      for (const { bucket, prefix, allow } of grants)
        shell.print(`  ${bucket} ${prefix === '' ? '(all of it)' : prefix} ${allow.join(' ')}`)
    })
}
