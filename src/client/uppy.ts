// `postern/uppy`: options that let @uppy/aws-s3 (6.3 or newer) upload through a Postern gateway.

export interface UppyS3Settings {
  /** PUBLIC_URL of the gateway. */
  readonly baseUrl: string
  /** The session token, asked for before each call; without it the session cookie of the same origin counts. */
  readonly token?: () => string | Promise<string>
}

/** What of Uppy's file is looked at. */
export interface UppyS3File {
  readonly name?: string | undefined
  readonly type?: string | undefined
  readonly size: number | null
  readonly s3Multipart?: { readonly uploadId: string; readonly key: string } | undefined
}
export interface UppyS3Request {
  readonly method: string
  readonly key: string
  readonly uploadId?: string
  readonly partNumber?: number
  readonly contentType?: string
}
export interface UppyS3Response {
  url: string
  key?: string
  headers?: Record<string, string>
  fields?: Record<string, string>
}
export interface UppyS3Options {
  shouldUseMultipart: true
  getChunkSize: (file: { size: number }) => number
  generateObjectKey: (file: UppyS3File) => string
  signRequest: (request: UppyS3Request) => Promise<UppyS3Response>
}

const MIB = 2 ** 20
/** Parts whose URLs are asked for together; at 15 minutes a URL, 10 parts of 8 MiB suit also a slow line. */
const WINDOW = 10
/** Half a second, doubled each time: half a minute in all. */
const RETRIES = 6

/** A refusal in words, with what the gateway's log knows it by. */
interface Refusal {
  readonly detail?: string
  readonly code?: string
  readonly requestId?: string
}

/** Options for @uppy/aws-s3, 6.3 or newer. */
export function uppyS3({ baseUrl, token }: UppyS3Settings): UppyS3Options {
  const base = baseUrl.replace(/\/$/, '')
  /** Bytes by key, the asked and the made one: Uppy does not tell them to its signer. */
  const sizes = new Map<string, number>()
  const types = new Map<string, string>()
  /** URLs of parts by upload and number, and when they are too old to begin with. */
  const urls = new Map<string, { url: string; until: number }>()
  let files = 0

  const partSize = (size: number): number => Math.max(8 * MIB, Math.ceil(size / 4000 / MIB) * MIB)
  const credential = async (): Promise<Record<string, string>> =>
    token === undefined ? {} : { Authorization: `Bearer ${await token()}` }

  async function ask(path: string, body: object) {
    for (let tries = 0; ; tries += 1) {
      const headers = { 'Content-Type': 'application/json', ...(await credential()) }
      const init = { method: 'POST', headers, body: JSON.stringify(body) }
      const answer = await fetch(base + path, init).catch(() => null)
      if (answer?.ok) return answer
      const status = answer?.status ?? 0
      const isPassing = status === 0 || status === 429 || (status > 501 && status < 600)
      if (!isPassing || tries === RETRIES) {
        const refusal: Refusal = (await answer?.json().catch(() => null)) ?? {}
        const text =
          refusal.detail ??
          (status ? `The gateway answered ${status}.` : 'The gateway cannot be reached.')
        throw Object.assign(new Error(text), { ...refusal, status })
      }
      const asked = Number(answer?.headers.get('Retry-After')) * 1000
      await new Promise((resolve) => setTimeout(resolve, asked || 500 * 2 ** tries))
    }
  }

  async function signPart(id: string, key: string, partNumber: number): Promise<UppyS3Response> {
    const name = id + partNumber
    const known = urls.get(name)
    // Each once: who asks again for a part was not served by the first.
    urls.delete(name)
    if (known !== undefined && known.until > Date.now()) return known
    const size = sizes.get(key)
    const count = size === undefined ? 1 : Math.ceil(size / partSize(size)) - partNumber + 1
    const parts = Array.from({ length: Math.max(1, Math.min(WINDOW, count)) }, (_, at) => ({
      partNumber: partNumber + at,
    }))
    const answer = await ask(`/v1/uploads/${id}/parts`, { parts })
    // The gateway's clock tells how long they live; the page's may be wrong.
    const now = Date.parse(answer.headers.get('Date') ?? '') || Date.now()
    const signed: { parts: { partNumber: number; url: string; expiresAt: string }[] } =
      await answer.json()
    for (const { partNumber: number, url, expiresAt } of signed.parts)
      urls.set(id + number, { url, until: Date.now() + Date.parse(expiresAt) - now - 60_000 })
    const url = urls.get(name)?.url ?? ''
    urls.delete(name)
    return { url }
  }

  return {
    // What is put together at last is verified, and replaces nothing; an empty file Uppy sends alone.
    shouldUseMultipart: true,
    getChunkSize: ({ size }) => partSize(size),
    generateObjectKey({ name = 'file', size, type, s3Multipart }) {
      const key = s3Multipart?.key ?? `${(files += 1)}/${name}`
      if (size !== null) sizes.set(key, size)
      if (type) types.set(key, type)
      return key
    },
    async signRequest({ method, key, uploadId, partNumber, contentType }) {
      if (uploadId !== undefined) {
        if (partNumber !== undefined) return signPart(uploadId, key, partNumber)
        return { url: `${base}/v1/uppy/uploads/${uploadId}`, headers: await credential() }
      }
      const size = sizes.get(key)
      // With type and size the gateway refuses now, in words, and not in what Uppy reads as an answer of S3.
      const type = contentType ?? types.get(key)
      const answer = await ask('/v1/uppy/sign', { method, key, contentType: type, size })
      const signed: UppyS3Response = await answer.json()
      if (size !== undefined) sizes.set(signed.key ?? key, size)
      return method === 'POST' ? { ...signed, headers: await credential() } : signed
    },
  }
}

/** What of Uppy is used to go on after an outage. */
export interface UppyLike {
  on(
    event: 'upload-error',
    listener: (file: UppyFileLike | undefined, error: object) => void,
  ): unknown
  on(event: 's3-multipart:part-uploaded', listener: (file: UppyFileLike) => void): unknown
  on(event: 'complete', listener: (result: UppyResultLike) => void): unknown
  getFile(id: string): { readonly error?: string | null } | undefined
  retryAll(): Promise<unknown>
}
export interface UppyFileLike {
  readonly id: string
}
export interface UppyResultLike {
  readonly failed?: readonly UppyFileLike[] | undefined
}

/** A second, doubled each time up to half a minute: three minutes without a part that arrives. */
const FILE_RETRIES = 10

/** Lets files go on by themselves that failed for a passing reason: no network, a busy storage, a URL too old. */
export function autoRetry(uppy: UppyLike): void {
  const tries = new Map<string, number>()
  uppy.on('s3-multipart:part-uploaded', ({ id }) => void tries.delete(id))
  uppy.on('upload-error', (file, error: { status?: number; requestId?: string }) => {
    const { status = 0, requestId } = error
    // 403 of the storage is a URL that is too old; the gateway, which names the request, means it.
    const isPassing = status < 400 || status > 428 || (status === 403 && requestId === undefined)
    const id = file?.id ?? ''
    tries.set(id, isPassing ? (tries.get(id) ?? 0) + 1 : Infinity)
  })
  uppy.on('complete', ({ failed = [] }) => {
    const passing = failed.filter(({ id }) => (tries.get(id) ?? 0) <= FILE_RETRIES)
    const count = Math.min(...passing.map(({ id }) => tries.get(id) ?? 0))
    const goOn = (): unknown =>
      passing.some(({ id }) => uppy.getFile(id)?.error) && uppy.retryAll().catch(() => {})
    if (passing.length > 0) setTimeout(goOn, Math.min(30_000, 500 * 2 ** count))
  })
}
