// The file's own name as the last segment of a key: what a key may not hold is left out, the rest stays readable.

const MAX_NAME_CHARACTERS = 200

/** Never empty, never a dot segment, without `${filename}`, which S3 replaces in the key of a form. */
export function toSafeName(name: string): string {
  // Some clients send the path; Windows writes it with backslashes.
  const last = name.toWellFormed().split(/[/\\]/).at(-1) ?? ''
  const plain = last
    .replaceAll(/\p{Cc}/gu, '')
    .replaceAll('${', '$')
    .trim()
  const short = [...plain].slice(0, MAX_NAME_CHARACTERS).join('').trim()
  // URL parsers collapse these, also percent-encoded.
  return short === '' || /^(?:\.|%2e){1,2}$/i.test(short) ? 'file' : short
}
