// Stock Uppy as an application has it, for the comparison: signRequest, of what an input of the page holds.
import AwsS3 from '@uppy/aws-s3'
import Uppy from '@uppy/core'

export interface UppyState {
  readonly sentBytes: number
  /** How often its user had to press "retry". */
  readonly retries: number
  /** What it told him then. */
  readonly errors: readonly string[]
}

interface Given {
  readonly gateway: string
  readonly token: string
  /** It is watched no longer than this. */
  readonly capMs: number
}

declare global {
  interface Window {
    uppy: { send(given: Given): Promise<boolean>; state(): UppyState }
  }
}

let [sentBytes, retries] = [0, 0]
const errors = new Set<string>()

window.uppy = {
  state: () => ({ sentBytes, retries, errors: [...errors] }),
  /** Whether it is done. */
  async send({ gateway, token, capMs }) {
    const uppy = new Uppy()
    uppy.use(AwsS3, {
      async signRequest(request: object) {
        const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` }
        const body = JSON.stringify(request)
        const answer = await fetch(`${gateway}/v1/uppy/sign`, { method: 'POST', headers, body })
        const signed: { url: string; headers?: Record<string, string> } = await answer.json()
        if (!signed.url.startsWith(gateway)) return signed
        return { ...signed, headers: { ...signed.headers, Authorization: `Bearer ${token}` } }
      },
    })
    uppy.on('upload-progress', (_, { bytesUploaded }) => (sentBytes = bytesUploaded || 0))
    uppy.on('upload-error', (_, { message }) => errors.add(message))
    const file = document.querySelector('input')?.files?.[0]
    if (file === undefined) return false
    uppy.addFile({ name: file.name, type: 'application/octet-stream', data: file })
    const isDone = (): boolean => uppy.getFiles().every(({ progress }) => progress.uploadComplete)
    const over = new Promise<void>((resolve) => void setTimeout(resolve, capMs))
    const until = performance.now() + capMs
    await Promise.race([over, uppy.upload().catch(() => {})])
    // A second to see the error and to press the button.
    while (!isDone() && performance.now() < until) {
      await new Promise((resolve) => void setTimeout(resolve, 1000))
      retries += 1
      await Promise.race([over, uppy.retryAll().catch(() => {})])
    }
    return isDone()
  },
}
