// RateLimit and RateLimit-Policy fields (draft-ietf-httpapi-ratelimit-headers-11), and Retry-After.
import type { Decision, LimitPolicy } from './policy.ts'

/** A Structured Field String (RFC 9651 §3.3.3); policy names are plain ASCII by configuration. */
function toString(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

/** The item of a policy, which is the same in every answer. */
function toPolicyItem({ name, allow, everySeconds, unit }: LimitPolicy): string {
  const quotaUnit = unit === 'bytes' ? ';qu="content-bytes"' : ''
  return `${toString(name)};q=${allow}${quotaUnit};w=${everySeconds}`
}

/** Made once for a configuration's limits: name → item. */
const known = new WeakMap<readonly LimitPolicy[], ReadonlyMap<string, string>>()

function itemsOf(policies: readonly LimitPolicy[]): ReadonlyMap<string, string> {
  const found = known.get(policies)
  if (found !== undefined) return found
  const items = new Map(policies.map((policy) => [policy.name, toPolicyItem(policy)]))
  known.set(policies, items)
  return items
}

export function toRateLimitFields(
  decisions: readonly Decision[],
  policies: readonly LimitPolicy[],
): { readonly rateLimit: string; readonly rateLimitPolicy: string } {
  const items = itemsOf(policies)
  return {
    rateLimit: decisions
      .map(({ policy, remaining, resetS }) => `${toString(policy)};r=${remaining};t=${resetS}`)
      .join(', '),
    rateLimitPolicy: decisions.map(({ policy }) => items.get(policy)).join(', '),
  }
}

/** Never before the end of the longest window that refused. */
export function retryAfterSeconds(refusals: readonly Decision[]): number {
  return Math.max(1, ...refusals.map(({ resetS }) => resetS))
}
