// One request to a bucket with one's own credentials: signed as the gateway signs, sent as told, its answer read.
import { parseXml } from '../../adapters/xml.ts'
import { toAbsent } from '../../core/sign/absence.ts'
import type { Bucket, Credentials } from '../../core/sign/bucket.ts'
import { encodeKey } from '../../core/sign/encode.ts'
import { type Form, signForm } from '../../core/sign/post-policy.ts'
import { presignPath, type UnsignedRequest } from '../../core/sign/presign.ts'
import type { SigningKeys } from '../../core/sign/scope.ts'

const TIMEOUT_MS = 15_000
const LIFE_SECONDS = 300

export interface Question {
  readonly method: UnsignedRequest['method'] | 'OPTIONS'
  /** Without one it is asked of the bucket itself. */
  readonly key?: string
  readonly query?: Readonly<Record<string, string>>
  /** Signed, and sent. */
  readonly headers?: Readonly<Record<string, string>>
  /** Sent beside what is signed. */
  readonly added?: Readonly<Record<string, string>>
  readonly body?: string
  readonly isUnsigned?: boolean
}

/** Status 0 stands for no answer; `code` is then what the system says of it, else S3's own. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly code: string
}

export interface Asker {
  readonly ask: (question: Question) => Promise<Answer>
  /** Posts a form with this content, signed under its own policy. */
  readonly post: (form: Form, content: string) => Promise<Answer>
}

/** S3's own words, but only if they look like a code. */
function toCode(text: string): string {
  const root = text === '' ? null : parseXml(text.trimStart())
  const code = root?.name === 'Error' && root.children.find(({ name }) => name === 'Code')?.text
  return code && /^\w{1,64}$/.test(code) ? code : ''
}

function toSystemCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unreachable'
  if (error.name === 'TimeoutError') return 'timeout'
  const { cause } = error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return /^\w{1,64}$/.test(code) ? code : 'unreachable'
}

async function send(url: string, init: RequestInit): Promise<Answer> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const answer = await fetch(url, { ...init, redirect: 'manual', signal })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, text, code: toCode(text) }
  } catch (error) {
    return { status: 0, headers: new Headers(), text: '', code: toSystemCode(error) }
  }
}

export function createAsker(bucket: Bucket, credentials: Credentials, now: () => number): Asker {
  const keys: SigningKeys = new WeakMap()
  return {
    async ask({ method, key, query = {}, headers = {}, added = {}, body, isUnsigned = false }) {
      const path =
        key === undefined
          ? bucket.basePath.replace(/(.)\/$/, '$1')
          : bucket.basePath + encodeKey(key)
      const sent = Object.entries({ ...headers, ...added }).filter(
        // Of the body, by `fetch` itself.
        ([name]) => name !== 'content-length',
      )
      const init = { method, headers: sent, ...(body !== undefined && { body }) }
      if (isUnsigned || method === 'OPTIONS') return send(`${bucket.origin}${path}`, init)
      const signed = new Map(Object.entries(headers))
      const url = await presignPath(
        bucket,
        path,
        credentials,
        {
          method,
          query: new Map(Object.entries(query)),
          headers: signed,
          absent:
            key === undefined ? null : toAbsent(bucket.can, method, 'partNumber' in query, signed),
          nowMs: now(),
          expiresInSeconds: LIFE_SECONDS,
        },
        keys,
      )
      return send(url, init)
    },
    async post(form, content) {
      const ends = Math.floor(now() / 1000) + LIFE_SECONDS
      const signed = await signForm(bucket, credentials, form, ends, { keys, nowMs: now() })
      const body = new FormData()
      for (const [name, value] of Object.entries(signed.fields)) body.set(name, value)
      body.set('file', new Blob([content]), 'file')
      return send(signed.url, { method: 'POST', body })
    },
  }
}
