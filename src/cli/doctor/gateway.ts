// Whether the deployed gateway is ready, and is of the version that the command is of.
import * as v from 'valibot'
import { VERSION } from '../../version.ts'
import { fault, type Finding, ok, warning } from './finding.ts'

const ready = v.object({
  status: v.literal('ready'),
  version: v.string(),
  warnings: v.array(v.string()),
})

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** `status` 0: no answer. */
export function judgeGateway(status: number, text: string): readonly Finding[] {
  const check = 'gateway'
  if (status === 0)
    return [fault(check, 'gives no answer', 'look at --gateway, at the route and at the domain')]
  if (status === 503)
    return [
      fault(
        check,
        'is not ready (503)',
        'its log and /readyz say why; mostly a secret: npx wrangler secret list',
      ),
    ]
  const answer = v.safeParse(ready, parseJson(text))
  if (status !== 200 || !answer.success)
    return [fault(check, `answers ${status}, and not as a gateway does`, 'look at --gateway')]
  const { version, warnings } = answer.output
  const isSame = version === VERSION
  return [
    isSame
      ? ok(check, `ready, version ${version}`)
      : warning(check, 'ready, but of another version than this command', 'deploy it again'),
    ...warnings.map((detail) => warning(check, detail, 'see docs/configuration.md')),
  ]
}

export async function checkGateway(url: string): Promise<readonly Finding[]> {
  try {
    const signal = AbortSignal.timeout(15_000)
    const answer = await fetch(new URL('/readyz', url), { redirect: 'manual', signal })
    return judgeGateway(answer.status, await answer.text())
  } catch {
    return judgeGateway(0, '')
  }
}
