// Temporary credentials of a role, from a security token service, kept in the memory of the isolate.
// Consistency: each isolate has its own, renewed from the middle of their life. Limits: one call at a time per isolate,
// and none within RETRY_MS of a failure. Failure: those that are still valid go on; without any the answer is a fault.
import { err, ok, type Result } from '../core/result.ts'
import { type Role, toRoleRequest } from '../core/sign/role.ts'
import type { Clock, CredentialFault, CredentialSource } from '../ports.ts'
import { readBounded } from './read-bounded.ts'
import { type TemporaryCredentials, toStsCode, toTemporaryCredentials } from './sts-answer.ts'

const TIMEOUT_MS = 5000
const RETRY_MS = 5000
const MAX_BYTES = 64 * 1024
/** How often one that waits for another request's call looks whether its answer is there. */
const LOOK_MS = 20
/** Clocks differ: what ends within this is as good as over. */
const SKEW_SECONDS = 10

interface StsOptions {
  readonly role: Role
  readonly clock: Clock
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  readonly timeoutMs?: number
}

const fault = (detail: string) => err<CredentialFault>({ reason: 'no_credentials', detail })

export function createRoleCredentials(options: StsOptions): CredentialSource {
  const { role, clock, fetch, timeoutMs = TIMEOUT_MS } = options
  let known: TemporaryCredentials | null = null
  let renewAtMs = 0
  /** When the call that is on its way was begun; null without one. */
  let askedAtMs: number | null = null
  let failedAtMs = Number.NEGATIVE_INFINITY
  let failure = fault('none yet')

  async function ask(): Promise<Result<TemporaryCredentials, CredentialFault>> {
    try {
      const { url, headers, body, action } = await toRoleRequest(role, clock.now())
      // A redirect would carry keys or a token to a place that nobody configured.
      const init = { method: 'POST', headers, body, redirect: 'manual' } as const
      const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) })
      const text = await readBounded(answer, MAX_BYTES)
      if (text === null) return fault('sts answer too large')
      if (answer.status !== 200) return fault(`sts ${answer.status} ${toStsCode(text)}`.trim())
      const fresh = toTemporaryCredentials(text, action)
      if (fresh === null) return fault('sts answer malformed')
      return isUsable(fresh) ? ok(fresh) : fault('sts gave expired credentials')
    } catch (error) {
      const isTimeout = error instanceof Error && error.name === 'TimeoutError'
      return fault(isTimeout ? 'sts timeout' : 'sts unreachable')
    }
  }

  function isUsable(credentials: TemporaryCredentials): boolean {
    return credentials.expiresAtSeconds - SKEW_SECONDS > clock.now() / 1000
  }

  async function renew(): Promise<void> {
    askedAtMs = clock.now()
    const fresh = await ask()
    askedAtMs = null
    const now = clock.now()
    if (fresh.ok) {
      known = fresh.value
      // From the middle of their life on: so what they sign lives for half of it or longer.
      renewAtMs = (now + known.expiresAtSeconds * 1000) / 2
    } else {
      failedAtMs = now
      failure = fresh
    }
  }

  const usable = () => (known !== null && isUsable(known) ? known : null)
  /** A call whose request went away never ends; after the time-out it counts no more. */
  const isAsked = () => askedAtMs !== null && clock.now() - askedAtMs <= timeoutMs

  return {
    async get() {
      const isDue = () => usable() === null || clock.now() >= renewAtMs
      if (isDue() && !isAsked() && clock.now() - failedAtMs >= RETRY_MS) await renew()
      // A promise belongs to the request that made it: others wait by their own clock, for the result alone.
      while (usable() === null && isAsked()) await clock.wait(LOOK_MS)
      const credentials = usable()
      return credentials === null ? failure : ok(credentials)
    },
  }
}
