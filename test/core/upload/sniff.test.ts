// First bytes against declared types: what shows another type is told from what only might be one.
import { describe, expect, test } from 'vitest'
import { isContentFitting, SNIFFED_BYTES } from '../../../src/core/upload/sniff.ts'

const OFFICE = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
/** Beginnings as the formats' own documents give them. */
const STARTS: readonly (readonly [string, string])[] = [
  ['image/png', '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', '\xff\xd8\xff\xe0\x00\x10JFIF'],
  ['image/gif', 'GIF89a'],
  ['image/gif', 'GIF87a'],
  ['image/webp', 'RIFF\x24\x00\x00\x00WEBPVP8 '],
  ['image/bmp', 'BM6\x00'],
  ['image/tiff', 'II*\x00'],
  ['image/tiff', 'MM\x00*'],
  ['image/avif', '\x00\x00\x00\x1cftypavif'],
  ['image/heic', '\x00\x00\x00\x18ftypheic'],
  ['video/mp4', '\x00\x00\x00\x20ftypisom'],
  ['video/quicktime', '\x00\x00\x00\x08wide'],
  ['audio/mp4', '\x00\x00\x00\x1cftypM4A '],
  ['video/webm', '\x1a\x45\xdf\xa3'],
  ['video/x-matroska', '\x1a\x45\xdf\xa3'],
  ['audio/wav', 'RIFF\x24\x00\x00\x00WAVEfmt '],
  ['audio/mpeg', 'ID3\x04'],
  ['audio/mpeg', '\xff\xfb\x90'],
  ['audio/flac', 'fLaC\x00'],
  ['audio/ogg', 'OggS\x00'],
  ['application/pdf', '%PDF-1.7'],
  ['application/pdf', '\xef\xbb\xbf%PDF-1.4'],
  ['application/zip', 'PK\x03\x04'],
  [OFFICE, 'PK\x03\x04'],
  ['application/epub+zip', 'PK\x03\x04'],
  ['application/gzip', '\x1f\x8b\x08'],
  ['font/woff2', 'wOF2'],
]
const HTML = '<!doctype html><script>'

describe.each(STARTS)('%s', (type, start) => {
  test('begins as it does, whatever its parameters and case', () => {
    for (const named of [type, type.toUpperCase(), `${type} ; codecs="x"`])
      expect(isContentFitting(named, start.padEnd(SNIFFED_BYTES, '\0'))).toBe(true)
  })

  test('is not a page, nothing, nor the same a byte later', () => {
    for (const other of [HTML, '', `x${start}`]) {
      // A box's length stands before its name: any byte may.
      expect(isContentFitting(type, other)).toBe(false)
    }
  })
})

test('another format is not it', () => {
  for (const [type] of STARTS) {
    const strangers = STARTS.filter(([other]) => other.split('/')[0] !== type.split('/')[0])
    const isContainer =
      /^(?:audio|video|image)\/(?:mp4|quicktime|webm|x-matroska|ogg|avif|heic)$/.test(type)
    const isZip = type === OFFICE || type.includes('zip')
    if (isContainer || isZip) continue
    for (const [, start] of strangers)
      expect([type, isContentFitting(type, start)]).toEqual([type, false])
  }
})

test('types without a signature pass, whatever they hold', () => {
  for (const type of ['text/plain', 'text/html', 'image/svg+xml', 'application/octet-stream', ''])
    for (const start of ['', HTML, '\x89PNG\r\n\x1a\n'])
      expect(isContentFitting(type, start)).toBe(true)
})
