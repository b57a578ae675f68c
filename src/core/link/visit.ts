// What a visit is: a look that spends nothing and is given nothing, or an opening.

/** Services that look at a link to show or scan it, by what they call themselves. */
const BOTS =
  /bot\b|crawler|spider|preview|externalhit|slack|whatsapp|telegram|embedly|iframely|vkshare|mastodon|pinterest|safelinks|proofpoint|mimecast/i

/**
 * Prefetches (https://wicg.github.io/nav-speculation/prefetch.html) and link previews. They are never
 * given the object of a counted link, so that nobody downloads without being counted by claiming to be one.
 * What calls itself a bot and posts is a browser within an app, and somebody has pressed the button.
 */
export function isLook(method: string, header: (name: string) => string | undefined): boolean {
  const purpose = `${header('Sec-Purpose') ?? ''} ${header('Purpose') ?? ''} ${header('X-Moz') ?? ''}`
  const isBot = method !== 'POST' && BOTS.test(header('User-Agent') ?? '')
  return isBot || /prefetch|preview/i.test(purpose)
}
