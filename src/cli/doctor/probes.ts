// Writes that a store must take, and writes that it must refuse, below a folder of the probe's own.
import type { ChecksumAlgorithm } from '../../contract/checksum.ts'
import { toChecksumHeader } from '../../contract/checksum.ts'
import type { Bucket } from '../../core/sign/bucket.ts'
import type { Answer } from '../presign/ask.ts'
import type { Finding } from './finding.ts'
import { fault } from './finding.ts'
import type { Folder } from './folder.ts'
import {
  judgeChecksum,
  judgeCompletion,
  judgeCreateOnly,
  judgePartLength,
  judgePost,
  judgePrivate,
  judgeRemoval,
  judgeUnsigned,
  judgeWrite,
  notDone,
} from './writes.ts'

const TEXT = 'doctor'
const LONGER = 'doctor!'

/** As the gateway signs a PUT: exact length and type. */
const toHeaders = (more: Readonly<Record<string, string>> = {}) => ({
  'content-length': String(TEXT.length),
  'content-type': 'text/plain',
  ...more,
})

const put = (folder: Folder, key: string, more: Readonly<Record<string, string>> = {}) =>
  folder.ask({ method: 'PUT', key, headers: toHeaders(more), body: TEXT })

async function probeCreateOnly(folder: Folder, { can, provider }: Bucket): Promise<Finding> {
  if (can.createOnly === null) return notDone('no overwrite', provider)
  const { name, value } = can.createOnly
  const key = folder.key('once')
  const first = await put(folder, key, { [name]: value })
  return judgeCreateOnly(first, await put(folder, key, { [name]: value }))
}

/** A value that no bytes of ours have: as long as it must be, all zeros. */
const ZEROS: { readonly [A in ChecksumAlgorithm | 'content-md5']: number } = {
  crc32: 4,
  crc32c: 4,
  crc64nvme: 8,
  sha1: 20,
  sha256: 32,
  'content-md5': 16,
}

async function probeChecksums(folder: Folder, { can }: Bucket): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const algorithm of [...can.checksums, 'content-md5'] as const) {
    const name = algorithm === 'content-md5' ? algorithm : toChecksumHeader(algorithm)
    const value = Buffer.alloc(ZEROS[algorithm]).toString('base64')
    const answer = await put(folder, folder.key(algorithm), { [name]: value })
    findings.push(judgeChecksum(algorithm, answer))
  }
  return findings
}

function sendPart(folder: Folder, key: string, uploadId: string, body: string): Promise<Answer> {
  const headers = { 'content-length': String(TEXT.length) }
  return folder.ask({ method: 'PUT', key, query: { partNumber: '1', uploadId }, headers, body })
}

/** A multipart upload: its part sent too long, then right; completed on a key that is taken. */
async function probeMultipart(folder: Folder, bucket: Bucket): Promise<readonly Finding[]> {
  const { can, provider } = bucket
  const key = folder.key('taken')
  await put(folder, key)
  const uploadId = await folder.open(key)
  if (uploadId === null)
    return [
      fault(
        'multipart',
        'no multipart upload can be opened',
        'give the keys what uploads need: docs/deploy.md',
      ),
    ]
  const longer = await sendPart(folder, key, uploadId, LONGER)
  const right = await sendPart(folder, key, uploadId, TEXT)
  const length = judgePartLength(longer, right)
  if (!can.conditionalComplete || can.createOnly === null)
    return [length, notDone('no overwrite at complete', provider)]
  const { name, value } = can.createOnly
  const etag = right.headers.get('etag') ?? ''
  const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part></CompleteMultipartUpload>`
  const complete = { method: 'POST', key, query: { uploadId }, headers: { [name]: value } } as const
  return [length, judgeCompletion(await folder.ask({ ...complete, body }))]
}

async function probeUnsigned(folder: Folder, bucket: Bucket): Promise<Finding> {
  const source = folder.key('source')
  const key = folder.key('copy')
  await put(folder, source)
  const answer = await folder.ask({
    method: 'PUT',
    key,
    headers: { 'content-length': '0' },
    added: { 'x-amz-copy-source': `/${bucket.name}/${source}` },
    body: '',
  })
  const there = await folder.ask({ method: 'GET', key })
  const hasCopied = there.status === 200 && there.text === TEXT
  return judgeUnsigned(answer, hasCopied, bucket.can.unsignedHeaders)
}

async function probePost(folder: Folder, { can, provider }: Bucket): Promise<Finding> {
  if (!can.postPolicy) return notDone('POST policy', provider)
  const post = (name: string, content: string): Promise<Answer> => {
    const range = { min: 1, max: TEXT.length }
    const form = { key: folder.key(name), type: 'text/plain', fields: new Map(), range }
    return folder.post(form, content)
  }
  return judgePost(await post('form', TEXT), await post('larger', LONGER))
}

export async function probeWrites(folder: Folder, bucket: Bucket): Promise<readonly Finding[]> {
  const key = folder.key('first')
  const written = judgeWrite(await put(folder, key), folder.name)
  if (written.level !== 'ok') return [written]
  try {
    return [
      written,
      judgePrivate(await folder.ask({ method: 'GET', key, isUnsigned: true })),
      await probeCreateOnly(folder, bucket),
      ...(await probeMultipart(folder, bucket)),
      ...(await probeChecksums(folder, bucket)),
      await probeUnsigned(folder, bucket),
      await probePost(folder, bucket),
      judgeRemoval(await folder.clear(), folder.name),
    ]
  } finally {
    // After a failure in between; what is gone already is not there a second time.
    await folder.clear()
  }
}
