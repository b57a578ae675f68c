// Reading input: a JSON body or a query against its schema, every fault with its pointer, never the input itself.
import * as v from 'valibot'
import type { FieldError } from '../contract/errors.ts'
import { err, ok, type Result } from '../core/result.ts'
import { parseStrictJson } from '../core/token/strict-json.ts'
import type { Failure } from './failure.ts'

export const MAX_BODY_BYTES = 64 * 1024
/** For sign, parts and complete, which take lists. */
export const MAX_LIST_BODY_BYTES = 2 * 1024 * 1024

export function invalid(pointer: string, detail: string): Failure {
  return { kind: 'shape', errors: [{ pointer, detail }] }
}

/** Member names of ours and plain ones of the caller; anything else stays out of the answer. */
function isPlainName(name: unknown): boolean {
  return typeof name === 'number' || (typeof name === 'string' && /^[\w-]{1,64}$/.test(name))
}

function toFieldError(issue: v.BaseIssue<unknown>, base: string): FieldError {
  const steps = issue.path?.map((step) => step.key) ?? []
  const plain = steps.every(isPlainName)
    ? steps
    : steps.slice(
        0,
        steps.findIndex((step) => !isPlainName(step)),
      )
  const pointer = base + plain.map((step) => `/${String(step)}`).join('')
  if (issue.type === 'strict_object') {
    const isUnknown = issue.expected === 'never'
    return {
      pointer,
      detail: isUnknown
        ? 'unknown member'
        : issue.expected === 'Object'
          ? 'expected an object'
          : 'required',
    }
  }
  // valibot's own texts repeat the input.
  return {
    pointer,
    detail: issue.message.startsWith('Invalid ')
      ? `expected ${issue.expected ?? 'another value'}`
      : issue.message,
  }
}

/** Input against its schema; `base` is the JSON pointer at which it stands. */
export function checkShape<S extends v.GenericSchema>(
  schema: S,
  input: unknown,
  base = '',
): Result<v.InferOutput<S>, Failure> {
  const parsed = v.safeParse(schema, input)
  if (parsed.success) return ok(parsed.output)
  const errors = parsed.issues.slice(0, 20).map((issue) => toFieldError(issue, base))
  return err({ kind: 'shape', errors })
}

/** The body's bytes, or null as soon as they are more than allowed. */
export async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array | null> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return null
  const chunks: Uint8Array[] = []
  let length = 0
  if (request.body !== null) {
    for await (const chunk of request.body) {
      length += chunk.length
      if (length > maxBytes) return null
      chunks.push(chunk)
    }
  }
  const bytes = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}

/** The form of a page as text; null when it is too long. */
export async function readForm(request: Request): Promise<URLSearchParams | null> {
  const bytes = await readBytes(request, MAX_BODY_BYTES)
  return bytes && new URLSearchParams(new TextDecoder().decode(bytes))
}

/** A JSON object (RFC 8259; no duplicate members) as body. An empty body is `{}`. */
export async function readJson(
  request: Request,
  maxBytes: number,
): Promise<Result<object, Failure>> {
  const bytes = await readBytes(request, maxBytes)
  if (bytes === null) return err({ kind: 'body_too_large', maxBytes })
  if (bytes.length === 0) return ok({})
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return err(invalid('', 'the body is not UTF-8'))
  }
  const json = parseStrictJson(text)
  if (!json.ok) return err(invalid('', 'the body is not JSON, or has a member twice'))
  const isObject =
    typeof json.value === 'object' && json.value !== null && !Array.isArray(json.value)
  return isObject ? ok(json.value) : err(invalid('', 'expected an object'))
}

/** A JSON body that fits the schema. */
export async function readBody<S extends v.GenericSchema>(
  request: Request,
  schema: S,
  maxBytes: number,
): Promise<Result<v.InferOutput<S>, Failure>> {
  const json = await readJson(request, maxBytes)
  return json.ok ? checkShape(schema, json.value) : json
}

/** A query in which every parameter stands once and fits the schema. */
export function readQuery<S extends v.GenericSchema>(
  request: Request,
  schema: S,
): Result<v.InferOutput<S>, Failure> {
  const { url } = request
  const input: Record<string, string> = Object.create(null)
  // Most requests have no query, and reading a URL is dear.
  for (const [name, value] of url.includes('?') ? new URL(url).searchParams : []) {
    if (Object.hasOwn(input, name)) return err(invalid('', 'a query parameter stands twice'))
    input[name] = value
  }
  return checkShape(schema, { ...input })
}
