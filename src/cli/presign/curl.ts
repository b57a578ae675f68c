// A ready curl line for what was signed, quoted for POSIX shells.
import type { Signed } from './sign.ts'

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** `FILE` stands where the user names his. */
export function toCurl(signed: Signed): string {
  if ('fields' in signed) {
    // curl reads `@`, `<` and `;` in -F as its own; --form-string takes the text as it is.
    const fields = Object.entries(signed.fields).map(
      ([name, value]) => `--form-string ${quote(`${name}=${value}`)}`,
    )
    return ['curl --fail', ...fields, '-F file=@FILE', quote(signed.url)].join(' ')
  }
  const headers = Object.entries(signed.headers)
    // curl sends it by itself, with the size of the file.
    .filter(([name]) => name !== 'content-length')
    .map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`)
  const verb = { GET: '-o FILE', HEAD: '-I', PUT: '-T FILE', DELETE: '-X DELETE' }[signed.method]
  return ['curl --fail', verb, ...headers, quote(signed.url)].join(' ')
}
