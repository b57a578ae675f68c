// Tells from its first bytes that content is not of the type it is declared as; types without a signature pass.
// https://mimesniff.spec.whatwg.org/#matching-a-mime-type-pattern

export const SNIFFED_BYTES = 64

const FTYP = '^[^]{4}ftyp'

/** Essences and what they begin with, one character for each byte. */
const SIGNATURES: readonly (readonly [RegExp, string])[] = [
  [/^image\/png$/, '^\x89PNG\r\n'],
  [/^image\/jpeg$/, '^\xff\xd8\xff'],
  [/^image\/gif$/, '^GIF8'],
  [/^image\/webp$/, '^RIFF[^]{4}WEBP'],
  [/^(?:image\/(?:avif|hei[cf])|(?:video|audio)\/mp4)$/, FTYP],
  // Readers take a header within the first kilobyte; writers put it first.
  [/^application\/pdf$/, '^%PDF-'],
  [/^application\/zip$/, '^PK'],
]

export function isContentFitting(type: string, start: string): boolean {
  const essence = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const known = SIGNATURES.find(([types]) => types.test(essence))
  return known === undefined || RegExp(known[1]).test(start)
}
