// `postern token check`: the gateway's own verification, with the reason that it never tells a caller.
import { describeTokenFault } from '../core/token/fault.ts'
import { verifyToken } from '../core/token/verify.ts'
import { listGranted } from '../core/policy/granted.ts'
import { readSettings, toPlace } from './settings.ts'
import { readOptions, UsageError } from './usage.ts'

async function readStandardInput(): Promise<string> {
  let text = ''
  for await (const chunk of process.stdin) text += String(chunk)
  return text.trim()
}

export async function checkToken(args: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(args, {
    config: { type: 'string' },
    env: { type: 'string' },
    json: { type: 'boolean', default: false },
  })
  const [given, ...more] = positionals
  if (given === undefined || more.length > 0) throw new UsageError('one token, or "-", is needed')
  const settings = await readSettings(toPlace(values.config, values.env))
  if (!settings.ok) {
    for (const { path, detail } of settings.error) console.error(`${path}: ${detail}`)
    return 1
  }
  const { issuers, policy } = settings.value
  const token = given === '-' ? await readStandardInput() : given
  const session = await verifyToken(token, issuers, Date.now())
  if (!session.ok) {
    const reason = describeTokenFault(session.error)
    console.log(values.json ? JSON.stringify({ ok: false, reason }) : `refused: ${reason}`)
    return 1
  }
  const { issuer, subject, expiresAtSeconds } = session.value
  const expiresAt = new Date(expiresAtSeconds * 1000).toISOString()
  const grants = listGranted(policy, session.value)
  if (values.json) console.log(JSON.stringify({ ok: true, issuer, subject, expiresAt, grants }))
  else {
    console.log(`valid: ${subject} of ${issuer}, until ${expiresAt} (revocation is not looked at)`)
    for (const { bucket, prefix, allow } of grants)
      console.log(`  ${bucket} ${prefix === '' ? '(all of it)' : prefix} ${allow.join(' ')}`)
  }
  return 0
}
