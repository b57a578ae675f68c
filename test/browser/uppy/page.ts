// The page of the suite: stock Uppy in one of its modes, driven by the test through `window.drive`.
import AwsS3 from '@uppy/aws-s3'
import Uppy from '@uppy/core'
import GoldenRetriever from '@uppy/golden-retriever'
import type { Mode } from '../../../scripts/docs/uppy-promises.ts'
import { autoRetry, uppyS3 } from '../../../src/client/uppy.ts'
import { toContent } from './content.ts'

export interface Setup {
  readonly mode: Mode
  readonly gateway: string
  /** Absent in Companion mode, which has a cookie. */
  readonly token: string
  readonly multipart?: boolean
  readonly retriever?: boolean
  readonly autoRetry?: boolean
}

export interface Outcome {
  /** Keys of what was uploaded. */
  readonly done: string[]
  readonly failed: string[]
}

interface Begun {
  readonly key: string
  readonly uploadId: string
}

/** The signer as an application writes it. */
function toSigner({ gateway, token }: Setup) {
  return async (request: object) => {
    const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` }
    const body = JSON.stringify(request)
    const answer = await fetch(`${gateway}/v1/uppy/sign`, { method: 'POST', headers, body })
    if (!answer.ok) throw new Error(`the signer answered ${answer.status}`)
    const signed: { url: string; headers?: Record<string, string> } = await answer.json()
    // Control calls come back to the gateway: they need the token as well.
    if (!signed.url.startsWith(gateway)) return signed
    return { ...signed, headers: { ...signed.headers, Authorization: `Bearer ${token}` } }
  }
}

function createDrive() {
  let uppy = new Uppy<{ [name: string]: string }, { key: string; location: string }>()
  let ended = new Promise<void>(() => {})
  let restored = new Promise<void>(() => {})
  const messages: string[] = []
  let retries = 0
  return {
    start(setup: Setup): void {
      const { mode, gateway, token, multipart, retriever } = setup
      uppy = new Uppy({ id: 'suite' })
      const own = multipart === undefined ? {} : { shouldUseMultipart: multipart }
      if (mode === 'companion') uppy.use(AwsS3, { companionEndpoint: gateway, ...own })
      else if (mode === 'signRequest') uppy.use(AwsS3, { signRequest: toSigner(setup), ...own })
      else uppy.use(AwsS3, { ...uppyS3({ baseUrl: gateway, token: () => token }), ...own })
      if (setup.autoRetry) autoRetry(uppy)
      restored = new Promise((resolve) => uppy.on('restored', () => resolve()))
      // Uppy's own door for tests: what it keeps is written at once.
      Object.assign(GoldenRetriever, { [Symbol.for('uppy test: throttleTime')]: 0 })
      // Larger files it keeps only when told to; its types do not know.
      const indexedDB: object = { maxFileSize: 2 ** 30 }
      if (retriever) uppy.use(GoldenRetriever, { indexedDB })
      uppy.on('retry-all', () => void (retries += 1))
      uppy.on('upload-error', (_, error) => void messages.push(error.message))
    },
    add(name: string, type: string, size: number, seed: number): void {
      uppy.addFile({ name, type, data: new File([toContent(size, seed)], name, { type }) })
    },
    /** A file of any size, of one block again and again, whose upload was perhaps begun elsewhere. */
    adopt(name: string, size: number, begun?: Begun, type = ''): void {
      const block = new Blob([toContent(Math.min(size, 2 ** 20), 1)])
      const blocks = Array.from({ length: Math.ceil(size / block.size) }, () => block)
      const id = uppy.addFile({ name, type, data: new File(blocks, name, { type }) })
      if (begun !== undefined) uppy.setFileState(id, { s3Multipart: begun })
    },
    /** Begins; `wait` tells how it ended. */
    upload(): void {
      ended = uppy.upload().then(
        () => {},
        () => {},
      )
    },
    retry(): void {
      ended = uppy.retryAll().then(
        () => {},
        () => {},
      )
    },
    async wait(): Promise<Outcome> {
      await ended
      const files = uppy.getFiles()
      return {
        done: files.flatMap(({ response, progress }) =>
          progress.uploadComplete ? [response?.body?.key ?? ''] : [],
        ),
        failed: files.flatMap(({ error }) => (error ? [String(error)] : [])),
      }
    },
    /** Whether all that was added is uploaded. */
    isDone: (): boolean => uppy.getFiles().every(({ progress }) => progress.uploadComplete),
    pause: (): void => void uppy.pauseAll(),
    resume: (): void => void uppy.resumeAll(),
    cancel: (): void => void uppy.cancelAll(),
    messages: (): string[] => messages,
    /** How often all that failed was begun again. */
    retries: (): number => retries,
    /** After a reload: once the retriever has the file back, go on with it. */
    async recover(): Promise<void> {
      await restored
      ended = new Promise((resolve) => uppy.on('complete', () => resolve()))
      uppy.emit('restore-confirmed')
    },
    /** Whether the retriever has written down the upload that the file belongs to. */
    isKept(): Promise<boolean> {
      return new Promise((resolve) => {
        const opening = indexedDB.open('uppy-blobs')
        opening.addEventListener('success', () => {
          const store = opening.result.transaction('metadata').objectStore('metadata')
          const row = store.get('suite')
          row.addEventListener('success', () => {
            opening.result.close()
            resolve(JSON.stringify(row.result ?? '').includes('uploadId'))
          })
        })
      })
    },
  }
}

export type Drive = ReturnType<typeof createDrive>
declare global {
  interface Window {
    drive: Drive
  }
}
window.drive = createDrive()
