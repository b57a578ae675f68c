// User metadata as headers: plain ASCII as it is, everything else as encoded words (RFC 2047), as S3 expects it.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
import { toBytes } from '../bytes.ts'
import { toBase64 } from '../base64url.ts'

/** Text that signature and HTTP leave as it is: visible ASCII, single spaces inside. */
const PLAIN = /^(?:[\x21-\x7e]+(?: [\x21-\x7e]+)*)?$/

/** Bytes that fit the 75 characters of one encoded word (RFC 2047 §2) in base64. */
const WORD_BYTES = 45

/** Encoded words of whole characters, separated by spaces that readers drop (RFC 2047 §6.2). */
function toEncodedWords(text: string): string {
  const words: string[] = []
  let [word, bytes] = ['', 0]
  const flush = (): void => {
    if (word !== '') words.push(`=?UTF-8?B?${toBase64(toBytes(word))}?=`)
  }
  for (const character of text) {
    const { length } = toBytes(character)
    if (bytes + length > WORD_BYTES) {
      flush()
      word = ''
      bytes = 0
    }
    word += character
    bytes += length
  }
  flush()
  return words.join(' ')
}

/** `x-amz-meta-*` headers, names in lower case. */
export function toMetadataHeaders(metadata: ReadonlyMap<string, string>): Map<string, string> {
  return new Map(
    [...metadata].map(([name, value]) => [
      `x-amz-meta-${name.toLowerCase()}`,
      // A text that reads as an encoded word would come back as another one.
      PLAIN.test(value) && !value.includes('=?') ? value : toEncodedWords(value),
    ]),
  )
}
