// RateLimit and RateLimit-Policy fields (draft-ietf-httpapi-ratelimit-headers-11), and Retry-After.
import type { Decision, LimitPolicy } from './policy.ts'

/** A Structured Field String (RFC 9651 §3.3.3); policy names are plain ASCII by configuration. */
function toString(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

export function toRateLimitFields(
  decisions: readonly Decision[],
  policies: readonly LimitPolicy[],
): { readonly rateLimit: string; readonly rateLimitPolicy: string } {
  const rateLimit = decisions.map(
    ({ policy, remaining, resetS }) => `${toString(policy)};r=${remaining};t=${resetS}`,
  )
  const rateLimitPolicy = decisions.map(({ policy, limit }) => {
    const known = policies.find(({ name }) => name === policy)
    const unit = known?.unit === 'bytes' ? ';qu="content-bytes"' : ''
    const window = known === undefined ? '' : `;w=${known.everySeconds}`
    return `${toString(policy)};q=${limit}${unit}${window}`
  })
  return { rateLimit: rateLimit.join(', '), rateLimitPolicy: rateLimitPolicy.join(', ') }
}

/** Never before the end of the longest window that refused. */
export function retryAfterSeconds(refusals: readonly Decision[]): number {
  return Math.max(1, ...refusals.map(({ resetS }) => resetS))
}
