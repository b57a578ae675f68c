// A store behind the gateway that answers GETs as good ones seldom do; each key names its way.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createCrc64 } from '../../../src/client/crc64.ts'

const MIB = 2 ** 20

export const ODD_BYTES = Buffer.alloc(11 * MIB + 5, 'The quick brown fox jumps over the lazy dog. ')

function toMd5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex')
}

function toCrc64(bytes: Buffer): string {
  const sum = createCrc64()
  sum.add(bytes)
  return Buffer.from(sum.end()).toString('base64')
}

interface Way {
  readonly etag?: string | ((count: number) => string)
  readonly headers?: Readonly<Record<string, string>>
  /** The first so many calls are answered with these. */
  readonly first?: readonly number[]
  readonly isWhole?: boolean
  /** The first answer breaks off after so much, the next after twice that, and so on. */
  readonly breakAfter?: number
}

const full = { 'x-amz-checksum-type': 'FULL_OBJECT' }

const WAYS: Readonly<Record<string, Way>> = {
  'ignores-range': { isWhole: true },
  'ignores-range-and-breaks': { isWhole: true, breakAfter: 5 * MIB },
  breaks: { breakAfter: 3 * MIB },
  busy: { first: [503, 500] },
  dead: { first: [403, 400] },
  closed: { first: Array.from({ length: 99 }, () => 403) },
  restless: { etag: (count) => toMd5(Buffer.from(String(count))) },
  once: { etag: (count) => (count < 2 ? toMd5(Buffer.from('before')) : toMd5(ODD_BYTES)) },
  other: { etag: toMd5(Buffer.from('other')) },
  kms: {
    etag: toMd5(Buffer.from('other')),
    headers: { 'x-amz-server-side-encryption': 'aws:kms' },
  },
  crc: { headers: { ...full, 'x-amz-checksum-crc64nvme': toCrc64(ODD_BYTES) } },
  'crc-wrong': { headers: { ...full, 'x-amz-checksum-crc64nvme': toCrc64(Buffer.from('other')) } },
  parts: {
    etag: `${createHash('md5')
      .update(
        createHash('md5')
          .update(ODD_BYTES.subarray(0, 10 * MIB))
          .digest(),
      )
      .update(
        createHash('md5')
          .update(ODD_BYTES.subarray(10 * MIB))
          .digest(),
      )
      .digest('hex')}-2`,
  },
  'parts-unknown': { etag: `${toMd5(Buffer.from('other'))}-2` },
  'no-etag': { etag: '' },
}

export async function startOddStore() {
  const counts = new Map<string, number>()
  const urls = new Map<string, Set<string>>()

  function answer({ url = '', headers, method }: IncomingMessage, out: ServerResponse): void {
    const { pathname, searchParams } = new URL(url, 'http://127.0.0.1')
    const name = pathname.slice(pathname.lastIndexOf('/') + 1)
    const way = WAYS[name]
    if (way === undefined || method !== 'GET') return void out.writeHead(404).end()
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    urls.set(name, (urls.get(name) ?? new Set()).add(searchParams.get('X-Amz-Signature') ?? ''))
    const status = way.first?.[count - 1]
    if (status !== undefined) return void out.writeHead(status, { 'retry-after': '0' }).end()
    const { etag = toMd5(ODD_BYTES) } = way
    const own = typeof etag === 'string' ? etag : etag(count)
    const asked = headers['if-match']
    if (asked !== undefined && asked !== `"${own}"`) return void out.writeHead(412).end()
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? []
    const isRanged = from !== undefined && way.isWhole !== true
    const start = isRanged ? Number(from) : 0
    const end = isRanged ? Math.min(Number(to) + 1, ODD_BYTES.length) : ODD_BYTES.length
    const bytes = ODD_BYTES.subarray(start, end)
    out.writeHead(isRanged ? 206 : 200, {
      'content-length': bytes.length,
      ...(own !== '' && { etag: `"${own}"` }),
      ...(isRanged && { 'content-range': `bytes ${start}-${end - 1}/${ODD_BYTES.length}` }),
      ...way.headers,
    })
    const breakAfter = (way.breakAfter ?? bytes.length) * count
    if (breakAfter >= bytes.length) return void out.end(bytes)
    out.write(bytes.subarray(0, breakAfter), () => out.destroy())
  }

  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    count: (name: string): number => counts.get(name) ?? 0,
    /** How many signed URLs have been used for it. */
    signatures: (name: string): number => urls.get(name)?.size ?? 0,
    stop(): void {
      server.closeAllConnections()
      server.close()
    },
  }
}
