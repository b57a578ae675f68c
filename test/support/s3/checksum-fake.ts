// The part of S3's protocol that Ceph 16 and the embedded store lack: checksums, conditions on completion and copy, and
// upload ids of any characters. It verifies what AWS documents as verified, keeps versions, and can be told to spoil what
// it stores. It notes calls, so that their signatures can be verified.
import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sumOf } from './sums.ts'

interface Stored {
  readonly body: Buffer
  readonly headers: Record<string, string>
  readonly algorithm: string
  readonly etag: string
  readonly versionId: string
}
interface Open {
  readonly key: string
  readonly headers: Record<string, string>
  readonly algorithm: string
  readonly parts: Map<number, { body: Buffer; etag: string }>
}
interface Answer {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly text?: string
}

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')
const fault = (status: number, code: string): Answer => ({
  status,
  text: `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`,
})
const BAD_DIGEST = fault(400, 'BadDigest')

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}

/** What of a request's headers S3 keeps with the object. */
function toKept(headers: Record<string, string>): Record<string, string> {
  const isKept = (name: string): boolean =>
    name === 'content-type' || name.startsWith('x-amz-meta-')
  return Object.fromEntries(Object.entries(headers).filter(([name]) => isKept(name)))
}

/** Whether every checksum that the request names is that of the bytes. */
function isIntact(headers: Record<string, string>, body: Buffer): boolean {
  return Object.entries(headers).every(([name, value]) => {
    if (name === 'content-md5') return value === sumOf('md5', body)
    const [, algorithm] = /^x-amz-checksum-(crc32|crc64nvme|sha1|sha256)$/.exec(name) ?? []
    return algorithm === undefined || value === sumOf(algorithm, body)
  })
}

/** Answers are written byte by byte: what is not ASCII goes as a character reference. */
const escapeXml = (text: string): string =>
  text.replaceAll(/[^ -~]|[&<>]/gu, (sign) => `&#${sign.codePointAt(0)};`)

/** One open upload to a page, in the order in which they came; all of them as old as can be. */
function listUploads(
  opened: readonly string[],
  uploads: ReadonlyMap<string, Open>,
  marker: string | null,
): Answer {
  const at = marker === null ? 0 : opened.indexOf(marker) + 1
  if (marker !== null && at === 0) return fault(400, 'InvalidArgument')
  const [id, next] = opened.slice(at).filter((one) => uploads.has(one))
  const name = escapeXml(id ?? '')
  const key = escapeXml(uploads.get(id ?? '')?.key.replace(/^\/[^/]+\//, '') ?? '')
  const row = `<Upload><Key>${key}</Key><UploadId>${name}</UploadId><Initiated>1970-01-01T00:00:00.000Z</Initiated></Upload>`
  const more = `<IsTruncated>true</IsTruncated><NextKeyMarker>${key}</NextKeyMarker><NextUploadIdMarker>${name}</NextUploadIdMarker>`
  const text = `${id === undefined ? '' : row}${next === undefined ? '' : more}`
  return { status: 200, text: `<ListMultipartUploadsResult>${text}</ListMultipartUploadsResult>` }
}

/** A request as it came, with all of its headers. */
export interface NotedCall {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

export async function startChecksumFake(toUploadId: () => string = randomUUID) {
  const opened: string[] = []
  const calls: NotedCall[] = []
  const objects = new Map<string, Stored>()
  const uploads = new Map<string, Open>()
  const removed: string[] = []
  /** Spoils the next body that is stored, after its checksums were verified. */
  let isSpoiling = false

  function keep(body: Buffer): Buffer {
    const kept = Buffer.from(body)
    if (isSpoiling && kept.length > 0) kept[0] = (kept[0] ?? 0) ^ 1
    isSpoiling = false
    return kept
  }

  function store(key: string, body: Buffer, from: Omit<Open, 'key' | 'parts'>, etag: string) {
    const { headers, algorithm } = from
    const stored = { body, headers, algorithm, etag, versionId: randomUUID() }
    objects.set(key, stored)
    return stored
  }

  function put(key: string, headers: Record<string, string>, body: Buffer): Answer {
    if (headers['if-none-match'] === '*' && objects.has(key))
      return fault(412, 'PreconditionFailed')
    const source = headers['x-amz-copy-source']
    if (source !== undefined) {
      const found = objects.get(decodeURIComponent(source))
      if (found === undefined) return fault(404, 'NoSuchKey')
      const { etag } = store(key, found.body, found, found.etag)
      return { status: 200, text: `<CopyObjectResult><ETag>"${etag}"</ETag></CopyObjectResult>` }
    }
    if (!isIntact(headers, body)) return BAD_DIGEST
    const kept = keep(body)
    const { etag } = store(
      key,
      kept,
      { headers: toKept(headers), algorithm: 'crc64nvme' },
      md5(kept),
    )
    return { status: 200, headers: { etag: `"${etag}"` } }
  }

  function complete(id: string, open: Open, headers: Record<string, string>): Answer {
    const { key, parts } = open
    if (headers['if-none-match'] === '*' && objects.has(key))
      return fault(412, 'PreconditionFailed')
    const body = Buffer.concat(
      [...parts].toSorted(([a], [b]) => a - b).map(([, part]) => part.body),
    )
    if (!isIntact(headers, body)) return BAD_DIGEST
    uploads.delete(id)
    store(key, body, open, `${md5(body)}-${parts.size}`)
    return { status: 200, text: '<CompleteMultipartUploadResult/>' }
  }

  function multipart(
    id: string,
    { method = '', url = '' }: IncomingMessage,
    headers: Record<string, string>,
    body: Buffer,
  ): Answer {
    const open = uploads.get(id)
    if (open === undefined) return fault(404, 'NoSuchUpload')
    if (method === 'POST') return complete(id, open, headers)
    if (method === 'DELETE') {
      uploads.delete(id)
      return { status: 204 }
    }
    if (method === 'GET') {
      const parts = [...open.parts].map(
        ([number, part]) =>
          `<Part><PartNumber>${number}</PartNumber><ETag>"${part.etag}"</ETag><Size>${part.body.length}</Size></Part>`,
      )
      return { status: 200, text: `<ListPartsResult>${parts.join('')}</ListPartsResult>` }
    }
    if (!isIntact(headers, body)) return BAD_DIGEST
    const kept = keep(body)
    const number = Number(new URL(url, 'http://x').searchParams.get('partNumber'))
    open.parts.set(number, { body: kept, etag: md5(kept) })
    return { status: 200, headers: { etag: `"${md5(kept)}"` } }
  }

  function answer(incoming: IncomingMessage, body: Buffer): Answer {
    const { pathname: key, searchParams: query } = new URL(incoming.url ?? '', 'http://x')
    const headers = headersOf(incoming)
    const id = query.get('uploadId')
    if (id !== null) return multipart(id, incoming, headers, body)
    if (incoming.method === 'GET' && query.has('uploads'))
      return listUploads(opened, uploads, query.get('upload-id-marker'))
    if (incoming.method === 'POST') {
      const uploadId = toUploadId()
      opened.push(uploadId)
      const algorithm = (headers['x-amz-checksum-algorithm'] ?? 'crc64nvme').toLowerCase()
      uploads.set(uploadId, { key, headers: toKept(headers), algorithm, parts: new Map() })
      const text = `<InitiateMultipartUploadResult><UploadId>${escapeXml(uploadId)}</UploadId></InitiateMultipartUploadResult>`
      return { status: 200, text }
    }
    if (incoming.method === 'PUT') return put(key, headers, body)
    const stored = objects.get(key)
    if (incoming.method === 'DELETE') {
      removed.push(query.get('versionId') ?? '')
      objects.delete(key)
      return { status: 204 }
    }
    if (stored === undefined) return fault(404, 'NoSuchKey')
    const sums =
      headers['x-amz-checksum-mode'] === 'ENABLED'
        ? {
            [`x-amz-checksum-${stored.algorithm}`]: sumOf(stored.algorithm, stored.body),
            'x-amz-checksum-type': 'FULL_OBJECT',
          }
        : {}
    const { etag, versionId } = stored
    const own = { etag: `"${etag}"`, 'x-amz-version-id': versionId, ...stored.headers, ...sums }
    const length = { 'content-length': String(stored.body.length) }
    return incoming.method === 'HEAD'
      ? { status: 200, headers: { ...own, ...length } }
      : { status: 206, headers: own, text: stored.body.toString('latin1') }
  }

  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const { method = '', url = '' } = incoming
      calls.push({
        method,
        url: `http://${incoming.headers.host}${url}`,
        headers: headersOf(incoming),
      })
      const { status, headers, text } = answer(incoming, Buffer.concat(chunks))
      outgoing.writeHead(status, headers)
      outgoing.end(incoming.method === 'HEAD' ? undefined : Buffer.from(text ?? '', 'latin1'))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    objects,
    /** Uploads that are open. */
    uploads,
    removed,
    /** All that came, in order. */
    calls,
    spoil: (): void => void (isSpoiling = true),
    stop(): void {
      server.closeAllConnections()
      server.close()
    },
  }
}
