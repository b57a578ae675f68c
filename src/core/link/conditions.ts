// The conditions of a link against one request: which of them fails, if any.
import type { LinkTerms } from '../../contract/link.ts'
import { isInNetwork, parseAddress, parseNetwork } from './address.ts'

/** What is known of whoever opens a link; only Cloudflare's words count for address and country. */
export interface Visitor {
  readonly address: string | undefined
  readonly country: string | undefined
  readonly userAgent: string | undefined
  readonly referrer: string | undefined
  /** The request comes from a page of the gateway's own, which sends no Referer. */
  readonly isFromUs: boolean
}

/** Whether the text is as the pattern says: `*` stands for anything, any case. Linear: nothing to blow up. */
export function isLike(text: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.toLowerCase().split('*')
  const subject = text.toLowerCase()
  const last = rest.pop()
  if (last === undefined) return subject === first
  if (!subject.startsWith(first)) return false
  let at = first.length
  for (const piece of rest) {
    const found = subject.indexOf(piece, at)
    if (found === -1) return false
    at = found + piece.length
  }
  return subject.endsWith(last) && subject.length - last.length >= at
}

function hostOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).host : undefined
}

/** The name of the condition that fails, or null. What a condition needs and cannot know fails it. */
export function judgeConditions(terms: LinkTerms, visitor: Visitor): string | null {
  const { cidrs, countries, referrers, userAgent } = terms
  if (cidrs !== undefined) {
    const address = parseAddress(visitor.address ?? '')
    const isInside = (text: string): boolean => {
      const network = parseNetwork(text)
      return address !== null && network !== null && isInNetwork(address, network)
    }
    if (!cidrs.some(isInside)) return 'cidrs'
  }
  if (countries !== undefined && !countries.includes(visitor.country ?? '')) return 'countries'
  if (userAgent !== undefined && !isLike(visitor.userAgent ?? '', userAgent)) return 'userAgent'
  if (referrers === undefined || visitor.isFromUs) return null
  return referrers.includes(hostOf(visitor.referrer) ?? '') ? null : 'referrers'
}
