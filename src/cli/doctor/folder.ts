// The folder that the probes write to: what they put there is remembered, and removed exactly.
import { parseXml } from '../../adapters/xml.ts'
import type { Answer, Asker, Question } from '../presign/ask.ts'
import type { Form } from '../../core/sign/post-policy.ts'

export interface Folder {
  /** Its prefix, ending in "/". */
  readonly name: string
  readonly key: (name: string) => string
  readonly ask: (question: Question) => Promise<Answer>
  readonly post: (form: Form, content: string) => Promise<Answer>
  /** Opens a multipart upload; null where that is refused. */
  readonly open: (key: string) => Promise<string | null>
  /** How much could not be removed. */
  readonly clear: () => Promise<number>
}

interface Written {
  readonly key: string
  readonly versionId: string | undefined
}

const isDone = ({ status }: Answer): boolean => status >= 200 && status < 300

export function createFolder(asker: Asker, name: string): Folder {
  const written = new Map<string, Written>()
  const uploads = new Map<string, string>()
  /** Whatever the store said: a PUT that was thought to be refused may have been stored. */
  function remember(key: string, { headers }: Answer): void {
    const versionId = headers.get('x-amz-version-id') ?? undefined
    written.set(`${key} ${versionId ?? ''}`, { key, versionId })
  }
  /** True also for what was never there. */
  async function remove({ key, versionId }: Written): Promise<boolean> {
    const query = versionId === undefined ? {} : { versionId }
    const { status } = await asker.ask({ method: 'DELETE', key, query })
    return status === 204 || status === 200 || status === 404
  }
  return {
    name,
    key: (file) => name + file,
    async ask(question) {
      const answer = await asker.ask(question)
      const { method, key, query } = question
      if (key === undefined) return answer
      if (method === 'PUT' && query?.['uploadId'] === undefined) remember(key, answer)
      if (method === 'POST' && isDone(answer)) {
        remember(key, answer)
        uploads.delete(query?.['uploadId'] ?? '')
      }
      return answer
    },
    async post(form, content) {
      const answer = await asker.post(form, content)
      remember(form.key, answer)
      return answer
    },
    async open(key) {
      const answer = await asker.ask({ method: 'POST', key, query: { uploads: '' } })
      const root = isDone(answer) ? parseXml(answer.text.trimStart()) : null
      const id = root?.children.find((child) => child.name === 'UploadId')?.text
      if (id === undefined || id === '') return null
      uploads.set(id, key)
      return id
    },
    async clear() {
      for (const [uploadId, key] of uploads) {
        const { status } = await asker.ask({ method: 'DELETE', key, query: { uploadId } })
        if (status === 204 || status === 404) uploads.delete(uploadId)
      }
      for (const [id, one] of written) if (await remove(one)) written.delete(id)
      return uploads.size + written.size
    },
  }
}
