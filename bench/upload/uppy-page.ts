// Stock Uppy as an application has it, for the comparison: signRequest, of what an input of the page holds.
import AwsS3 from '@uppy/aws-s3'
import Uppy from '@uppy/core'

declare global {
  interface Window {
    uppy: { send(gateway: string, token: string, retries: number): Promise<boolean> }
  }
}

window.uppy = {
  /** Whether it is done; it is told to retry, as a patient user would, so many times. */
  async send(gateway, token, retries) {
    const uppy = new Uppy()
    uppy.use(AwsS3, {
      shouldUseMultipart: true,
      async signRequest(request: object) {
        const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` }
        const body = JSON.stringify(request)
        const answer = await fetch(`${gateway}/v1/uppy/sign`, { method: 'POST', headers, body })
        const signed: { url: string; headers?: Record<string, string> } = await answer.json()
        if (!signed.url.startsWith(gateway)) return signed
        return { ...signed, headers: { ...signed.headers, Authorization: `Bearer ${token}` } }
      },
    })
    const file = document.querySelector('input')?.files?.[0]
    if (file === undefined) return false
    uppy.addFile({ name: file.name, type: 'application/octet-stream', data: file })
    await uppy.upload().catch(() => {})
    const isDone = (): boolean => uppy.getFiles().every(({ progress }) => progress.uploadComplete)
    for (let at = 0; at < retries && !isDone(); at += 1) await uppy.retryAll().catch(() => {})
    return isDone()
  },
}
