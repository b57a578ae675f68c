// Sends one signed request with its bytes to S3 and reports how far it is.
import type { SignedRequest } from '../../contract/common.ts'

/** Headers that a browser sets by itself for a Blob, and refuses to take from a script. */
const OWN_HEADERS = new Set(['content-length', 'host'])

/** The ETag of what arrived, null where CORS does not expose it; fetch has no upload progress, so XHR. */
export function sendPart(
  request: SignedRequest,
  bytes: Blob,
  onProgress: (sent: number) => void,
  signal: AbortSignal,
): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest()
    xhr.open(request.method, request.url)
    for (const [name, value] of Object.entries(request.headers)) {
      if (!OWN_HEADERS.has(name)) xhr.setRequestHeader(name, value)
    }
    xhr.upload.addEventListener('progress', (event) => onProgress(event.loaded))
    xhr.addEventListener('load', () => {
      if (xhr.status >= 200 && xhr.status < 300) resolve(xhr.getResponseHeader('ETag'))
      else if (xhr.status === 412) reject(new Error('A file of this name exists already.'))
      else reject(new Error(`The storage answered ${xhr.status}.`))
    })
    xhr.addEventListener('error', () =>
      reject(new Error('The storage is out of reach, or its CORS rules refuse this page.')),
    )
    xhr.addEventListener('abort', () => reject(new DOMException('Cancelled', 'AbortError')))
    signal.addEventListener('abort', () => xhr.abort(), { once: true })
    xhr.send(bytes)
  })
}
