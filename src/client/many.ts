// One call for many uploads, which are opened or completed: each has an answer or a refusal of its own.
import type { Problem } from '../contract/problem.ts'
import type { Ask } from './control.ts'
import { type PosternError, toError, toKnown } from './error.ts'

/** Requests in one call at most. */
export const MAX_BATCH = 100

/** A completion names its upload. */
type Request = object & { readonly id?: string }
export type AskMany = <T extends object>(
  step: '' | '/complete',
  requests: readonly Request[],
  /** Of a single request. */
  signal?: AbortSignal,
) => Promise<(T | PosternError)[]>

export function createAskMany(ask: Ask, uuid: () => string): AskMany {
  let most = MAX_BATCH
  return async function askMany<T extends object>(
    step: string,
    requests: readonly Request[],
    signal?: AbortSignal,
  ): Promise<(T | PosternError)[]> {
    if (requests.length > most) {
      const first = await askMany<T>(step, requests.slice(0, most))
      return [...first, ...(await askMany<T>(step, requests.slice(most)))]
    }
    const [{ id = '', ...body } = {}, second] = requests
    const headers = { 'Idempotency-Key': uuid() }
    try {
      if (!second) {
        const path = `/v1/uploads${id && `/${id}`}${step}`
        return [await ask<T>('POST', path, { body, headers, signal })]
      }
      const { results } = await ask<{ results: Partial<Problem>[] }>(
        'POST',
        `/v1/uploads${step}`,
        { body: { requests }, headers },
        true,
      )
      const toOne = async (request: Request, at: number): Promise<T | PosternError> => {
        const { status = 500, ...answer } = results[at] ?? {}
        // The gateway checks its answers against the schemas of which T is one.
        if (status < 300) return answer as T
        const refusal = toError(answer, status)
        // Alone it is asked for until it passes.
        const again = refusal.retryable ? await askMany<T>(step, [request]) : []
        return again[0] ?? refusal
      }
      return await Promise.all(requests.map(toOne))
    } catch (thrown) {
      const error = toKnown(thrown)
      if (!second || error.status !== 429) return requests.map(() => error)
      // More than a limit ever allows at once, perhaps.
      most = Math.ceil(requests.length / 2)
      return askMany(step, requests)
    }
  }
}
