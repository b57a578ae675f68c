// Why a credential is refused: private reasons as plain data, never a part of the token.

export type TokenFault =
  | { readonly reason: 'scheme' }
  | { readonly reason: 'cookie' }
  | { readonly reason: 'malformed'; readonly part: 'token' | 'header' | 'payload' | 'signature' }
  | { readonly reason: 'header'; readonly member: string }
  | { readonly reason: 'unknown_issuer' }
  | { readonly reason: 'algorithm' }
  | { readonly reason: 'no_key' }
  | { readonly reason: 'keys_unavailable' }
  | { readonly reason: 'signature' }
  | { readonly reason: 'claim'; readonly claim: string }
  | { readonly reason: 'audience' }
  | { readonly reason: 'expired' }
  | { readonly reason: 'not_yet_valid' }
  | { readonly reason: 'too_old' }
  | { readonly reason: 'revoked' }
  | { readonly reason: 'revocation_unknown' }

/** A line for the log. */
export function describeTokenFault(fault: TokenFault): string {
  switch (fault.reason) {
    case 'malformed':
      return `malformed ${fault.part}`
    case 'header':
      return `header member ${fault.member} refused`
    case 'claim':
      return `claim ${fault.claim} missing or of the wrong type`
    case 'scheme':
      return 'authorization is not Bearer with one token'
    case 'cookie':
      return 'the cookie was not sealed here'
    case 'unknown_issuer':
    case 'algorithm':
    case 'no_key':
    case 'keys_unavailable':
    case 'signature':
    case 'audience':
    case 'expired':
    case 'not_yet_valid':
    case 'too_old':
    case 'revoked':
    case 'revocation_unknown':
      return fault.reason.replaceAll('_', ' ')
  }
}
