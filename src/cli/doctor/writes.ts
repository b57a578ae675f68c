// What the store did with writes that a signature or a condition forbids: each judgement of answers that it gave.
import type { ChecksumAlgorithm } from '../../contract/checksum.ts'
import type { Capabilities } from '../../core/sign/provider.ts'
import type { Answer } from '../presign/ask.ts'
import { describeAnswer, fault, type Finding, ok, skipped, warning } from './finding.ts'

const isDone = ({ status }: Answer): boolean => status >= 200 && status < 300
/** 5xx and no answer at all decide nothing. */
const isRefused = ({ status }: Answer): boolean => status >= 400 && status < 500

const OTHER_PROVIDER = 'name the provider that it really is: `generic` promises least'

function undecided(check: string, answer: Answer): Finding {
  return warning(
    check,
    `could not be looked at: the store answers ${describeAnswer(answer)}`,
    'run it again; if it stays, look at what the keys may do',
  )
}

/** A plain signed PUT below the probe's own folder. */
export function judgeWrite(answer: Answer, folder: string): Finding {
  if (isDone(answer)) return ok('write', 'the keys may write')
  // The same keys have just listed: it is how headers are kept out that this store verifies otherwise.
  if (answer.code === 'SignatureDoesNotMatch')
    return fault(
      'write',
      'a PUT signed as this provider verifies it is refused (403 SignatureDoesNotMatch)',
      OTHER_PROVIDER,
    )
  return fault(
    'write',
    `nothing could be written below "${folder}" (${describeAnswer(answer)})`,
    'give the keys s3:PutObject there, or name a prefix that they may write to with --prefix',
  )
}

/** A GET of what was just written, by nobody. */
export function judgePrivate(answer: Answer): Finding {
  if (isRefused(answer)) return ok('private', 'nobody reads it without a signature')
  if (!isDone(answer)) return undecided('private', answer)
  return fault(
    'private',
    'anybody can read its objects without a signature',
    'take away public access (bucket policy, ACL, public domain): grants bound nothing while it is there',
  )
}

/** The same PUT, twice, under the condition that nothing is replaced. */
export function judgeCreateOnly(first: Answer, second: Answer): Finding {
  const check = 'no overwrite'
  if (!isDone(first))
    return fault(
      check,
      `a PUT that may only create is refused (${describeAnswer(first)})`,
      OTHER_PROVIDER,
    )
  if (second.status === 412 || second.status === 409)
    return ok(check, 'a second PUT replaces nothing')
  if (!isDone(second)) return undecided(check, second)
  return fault(
    check,
    'the store ignores the condition: a second PUT replaced the object',
    OTHER_PROVIDER,
  )
}

/** A completion on a key that has an object, under the condition that nothing is replaced. */
export function judgeCompletion(answer: Answer): Finding {
  const check = 'no overwrite at complete'
  // Its body may be an error in spite of the status.
  if (answer.status === 412 || answer.status === 409 || answer.code === 'PreconditionFailed')
    return ok(check, 'a second completion replaces nothing')
  if (!isDone(answer)) return undecided(check, answer)
  return fault(
    check,
    'the store ignores the condition at complete: the object was replaced',
    OTHER_PROVIDER,
  )
}

/** A PUT with the checksum of other bytes. */
export function judgeChecksum(
  algorithm: ChecksumAlgorithm | 'content-md5',
  answer: Answer,
): Finding {
  const check = `checksum ${algorithm}`
  if (isRefused(answer)) return ok(check, 'bytes with another one are refused')
  if (!isDone(answer)) return undecided(check, answer)
  return fault(check, 'not verified: bytes with another one were stored', OTHER_PROVIDER)
}

/** A part signed for `size` bytes: sent longer, then as signed. */
export function judgePartLength(longer: Answer, right: Answer): Finding {
  const check = 'part length'
  if (isDone(longer))
    return fault(
      check,
      'a part longer than signed was stored: a grant’s max_bytes would be no bound',
      'do not let anybody upload through this store, or the proxy before it',
    )
  if (!isRefused(longer) || !isDone(right)) return undecided(check, isDone(right) ? longer : right)
  return ok(check, 'a part of another length than signed is refused')
}

/** A signed PUT to which its sender added `x-amz-copy-source`; `hasCopied`: whether another object was then there. */
export function judgeUnsigned(
  answer: Answer,
  hasCopied: boolean,
  known: Capabilities['unsignedHeaders'],
): Finding {
  const check = 'unsigned headers'
  if (isDone(answer) && hasCopied)
    return fault(
      check,
      'who holds a signed PUT can add x-amz-copy-source and copy what the keys can read',
      known === null
        ? 'give it keys for this bucket alone, and let only trusted users upload (docs/security.md)'
        : OTHER_PROVIDER,
    )
  if (isRefused(answer)) return ok(check, 'a copy that was not signed is refused')
  if (isDone(answer))
    return ok(check, 'a copy that was not signed is not made: the header is ignored')
  return undecided(check, answer)
}

/** A form with as many bytes as its policy allows, and with one more. */
export function judgePost(right: Answer, larger: Answer): Finding {
  const check = 'POST policy'
  if (!isDone(right))
    return fault(
      check,
      `a form as signed is refused (${describeAnswer(right)})`,
      `${OTHER_PROVIDER}; forms then answer 501, and say what to use instead`,
    )
  if (isDone(larger))
    return fault(check, 'a file larger than the policy allows was stored', OTHER_PROVIDER)
  return isRefused(larger)
    ? ok(check, 'a form is taken, a larger file refused')
    : undecided(check, larger)
}

/** What was written and could not be removed. */
export function judgeRemoval(left: number, folder: string): Finding {
  if (left === 0) return ok('removal', 'all that was written is gone')
  return warning(
    'removal',
    `${left} of the objects and uploads below "${folder}" could not be removed`,
    'give the keys s3:DeleteObject and s3:AbortMultipartUpload, which uploads need, and remove that folder',
  )
}

export const notDone = (check: string, provider: string): Finding =>
  skipped(check, `${provider} is not counted on for it; requests answer 501 or do without`)
