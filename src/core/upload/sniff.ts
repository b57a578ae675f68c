// Tells from its first bytes that content is not of the type it is declared as; types without a signature pass.
// https://mimesniff.spec.whatwg.org/#matching-a-mime-type-pattern

export const SNIFFED_BYTES = 64

const FTYP = /^[^]{4}ftyp/
const ZIP = /^PK/
const EBML = /^[^]\x45\xdf\xa3/
const RIFF = /^RIFF[^]{4}/
const OGG = /^OggS/

/** One character for each byte. */
const SIGNATURES: ReadonlyMap<string, RegExp> = new Map([
  ['image/png', /^\x89PNG\r\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', RegExp(`${RIFF.source}WEBP`)],
  ['image/bmp', /^BM/],
  ['image/tiff', /^(?:II[*+]|MM[^][*+])/],
  ['image/avif', FTYP],
  ['image/heic', FTYP],
  ['image/heif', FTYP],
  ['video/mp4', FTYP],
  ['video/quicktime', /^[^]{4}(?:ftyp|moov|mdat|wide|free|skip)/],
  ['audio/mp4', FTYP],
  ['video/webm', EBML],
  ['audio/webm', EBML],
  ['video/x-matroska', EBML],
  ['audio/wav', RegExp(`${RIFF.source}WAVE`)],
  ['audio/mpeg', /^(?:ID3|\xff[\xe0-\xff])/],
  ['audio/flac', /^(?:fLaC|ID3)/],
  ['audio/ogg', OGG],
  ['video/ogg', OGG],
  // Readers take a header within the first kilobyte; writers put it first, at most after a byte order mark.
  ['application/pdf', /^(?:\xef\xbb\xbf)?\s{0,16}%PDF-/],
  ['application/zip', ZIP],
  ['application/gzip', /^[^]\x8b/],
  ['font/woff2', /^wOF2/],
])

/** What zip files are called by those who keep documents in them. */
const ZIPPED =
  /^application\/(?:vnd\.openxmlformats-officedocument\.|vnd\.oasis\.opendocument\.|epub\+zip)/

export function isContentFitting(type: string, start: string): boolean {
  const essence = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const signature = ZIPPED.test(essence) ? ZIP : SIGNATURES.get(essence)
  return signature?.test(start) ?? true
}
