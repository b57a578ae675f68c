// S3's XML answers as plain data; anything else than what the API reference shows gives null.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html
import { encodeKey } from '../core/sign/encode.ts'
import type { Listing, OpenUpload, StoredPart, UploadMarker } from '../ports.ts'
import { parseXml, type XmlElement } from './xml.ts'

/** The root element, or null for what is not XML. A long completion begins with white space. */
export function parseAnswer(text: string): XmlElement | null {
  return parseXml(text.trimStart())
}

export function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name)
}

export function textOf(element: XmlElement, name: string): string {
  return childrenOf(element, name)[0]?.text ?? ''
}

/** S3's error code, such as NoSuchUpload, from an `Error` document. */
export function toErrorCode(root: XmlElement | null): string | undefined {
  return root?.name === 'Error' ? textOf(root, 'Code') : undefined
}

/** ETags stand in quotes, sometimes as entities, on some servers bare. */
export function toEtag(text: string): string {
  return text.replace(/^W\//, '').replaceAll('"', '')
}

export interface PartsPage {
  readonly parts: readonly StoredPart[]
  /** Marker of the next page; null on the last. */
  readonly next: string | null
}

export function toPartsPage(root: XmlElement | null): PartsPage | null {
  if (root?.name !== 'ListPartsResult') return null
  const parts = childrenOf(root, 'Part').map((part) => ({
    partNumber: Number(textOf(part, 'PartNumber')),
    size: Number(textOf(part, 'Size')),
    etag: toEtag(textOf(part, 'ETag')),
  }))
  const isTruncated = textOf(root, 'IsTruncated') === 'true'
  return { parts, next: isTruncated ? textOf(root, 'NextPartNumberMarker') : null }
}

/** With encoding-type=url names are form-encoded: XML 1.0 cannot carry every key. */
function toName(root: XmlElement, text: string): string {
  if (textOf(root, 'EncodingType') !== 'url') return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

export function toListing(root: XmlElement | null): Listing | null {
  if (root?.name !== 'ListBucketResult') return null
  const objects = childrenOf(root, 'Contents').map((entry) => ({
    key: toName(root, textOf(entry, 'Key')),
    size: Number(textOf(entry, 'Size')),
    etag: toEtag(textOf(entry, 'ETag')),
    lastModified: textOf(entry, 'LastModified'),
  }))
  const prefixes = childrenOf(root, 'CommonPrefixes').map((entry) =>
    toName(root, textOf(entry, 'Prefix')),
  )
  const cursor = textOf(root, 'NextContinuationToken')
  return { objects, prefixes, ...(cursor !== '' && { cursor }) }
}

/** Of uploads Ceph encodes the keys as asked, says so nowhere, and leaves markers as they are. */
function toUploadName(root: XmlElement, text: string): string {
  const name = toName(root, text)
  if (name !== text) return name
  try {
    const decoded = decodeURIComponent(text)
    return encodeKey(decoded) === text ? decoded : text
  } catch {
    return text
  }
}

export function toUploadsPage(
  root: XmlElement | null,
): { uploads: readonly OpenUpload[]; next?: UploadMarker } | null {
  if (root?.name !== 'ListMultipartUploadsResult') return null
  const uploads = childrenOf(root, 'Upload').map((entry) => ({
    key: toUploadName(root, textOf(entry, 'Key')),
    uploadId: textOf(entry, 'UploadId'),
    initiatedAtMs: Date.parse(textOf(entry, 'Initiated')),
  }))
  const key = toUploadName(root, textOf(root, 'NextKeyMarker'))
  const isTruncated = textOf(root, 'IsTruncated') === 'true' && key !== ''
  const next = { key, uploadId: textOf(root, 'NextUploadIdMarker') }
  return { uploads, ...(isTruncated && { next }) }
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (char) => `&#${char.charCodeAt(0)};`)
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html */
export function toCompletionBody(
  parts: readonly { readonly partNumber: number; readonly etag: string }[],
): string {
  const entries = parts.map(
    ({ partNumber, etag }) =>
      `<Part><PartNumber>${partNumber}</PartNumber><ETag>&quot;${escapeXml(etag)}&quot;</ETag></Part>`,
  )
  return `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${entries.join('')}</CompleteMultipartUpload>`
}
