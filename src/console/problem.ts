// What went wrong in words: what the gateway says, what to do now, and the id by which its operator finds it.
import { PosternError, type PosternErrorCode } from '../client/client.ts'
import { button, type Child, h, icon, put } from './dom.ts'
import { say } from './say.ts'

const LATER = 'Try again in a minute.'
const DAMAGED = 'Nothing was kept of it. Try again.'

/** The client's own codes say no more than that; what the gateway refuses comes with its words. */
const WHAT: { readonly [C in PosternErrorCode]?: string } = {
  network: 'The gateway is out of reach.',
  timeout: 'Nothing arrived for ten minutes.',
  cors: 'The storage refuses this page.',
  storage: 'The storage refuses the file.',
  unreadable: 'The file cannot be read any more.',
}

/** What to do; a code that is not here has a message that is enough. */
const ADVICE: { readonly [C in PosternErrorCode]?: string } = {
  invalid_request: 'Correct it and try again.',
  invalid_token: 'Sign in again with a fresh token.',
  forbidden: 'None of your grants allows it; whoever runs the gateway can give you one.',
  not_found: 'It may have been deleted in the meantime. Reload the list.',
  conflict: 'Rename your file, or delete the one that is there.',
  precondition_failed: 'It was changed in the meantime. Reload the list.',
  too_large: 'Send a smaller file, or ask whoever runs the gateway for a larger allowance.',
  unsupported_type: 'Files of this type may not be stored here.',
  checksum_mismatch: DAMAGED,
  size_mismatch: DAMAGED,
  rate_limited: 'Wait a little, then try again.',
  internal: 'Tell whoever runs the gateway the id below.',
  upstream_error: LATER,
  upstream_timeout: LATER,
  unavailable: LATER,
  misconfigured: 'Whoever runs the gateway must correct its configuration.',
  network: 'Check your connection, then try again.',
  timeout: 'Check your connection, then try again.',
  cors: 'The CORS rules of the bucket must admit this page: `npm run cors` prints them.',
  storage: 'Try again; if it fails again, tell whoever runs the gateway.',
  unreadable: 'Choose the file again.',
}

export interface Words {
  readonly what: string
  readonly advice: string
  readonly requestId: string
}

export function toWords(error: unknown): Words {
  if (!(error instanceof PosternError))
    return { what: 'This page has a fault.', advice: 'Reload it.', requestId: '' }
  const { message, code, requestId, retryAfterMs, errors } = error
  const advice =
    retryAfterMs > 0
      ? `Try again in ${Math.ceil(retryAfterMs / 1000)} seconds.`
      : (ADVICE[code] ?? '')
  // What is wrong with which field says more than that something is.
  const faults = errors.map(({ pointer, detail }) => `${pointer.split('/')[1] ?? ''}: ${detail}`)
  return { what: faults.join('; ') || WHAT[code] || message, advice, requestId }
}

const isInSession = (): boolean => document.querySelector('postern-shell') !== null

/** The words in one box, said aloud once. */
export function toNotice(error: unknown, retry?: () => void): HTMLElement {
  const { what, advice, requestId } = toWords(error)
  say(`${what} ${advice}`)
  const isOver = error instanceof PosternError && error.code === 'invalid_token' && isInSession()
  const children: Child[] = [
    h('p', {}, h('strong', {}, what), ` ${advice}`),
    requestId !== '' && h('p', { class: 'hint' }, 'Request ', h('code', {}, requestId)),
    retry !== undefined && button('Try again', retry),
    // The start of the page asks for a token, as the session has ended.
    isOver && button('Sign in again', () => location.reload()),
  ]
  return h('div', { class: 'notice bad' }, icon('i-alert'), h('div', {}, ...children))
}

/** Runs what a button asked for; its failure is shown in the place. */
export async function attempt(place: HTMLElement, run: () => Promise<void>): Promise<void> {
  put(place)
  try {
    await run()
  } catch (error) {
    put(place, toNotice(error))
  }
}
