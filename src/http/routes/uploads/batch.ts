// Many requests in one call: each judged and answered by itself, in order, counted together before any is done.
import type { Problem } from '../../../contract/problem.ts'
import type { Result } from '../../../core/result.ts'
import type { Ctx, RequestRecord } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import { limitBySubject } from '../../middleware/limit.ts'
import { refuse, toProblem } from '../../problem.ts'

/** Connections that a Worker has at a time: https://developers.cloudflare.com/workers/platform/limits/ */
const AT_ONCE = 6

export interface BatchSteps<Ready, Done> {
  /** Shape, grants, plan: nothing is changed yet. */
  prepare(item: unknown, at: number): Promise<Result<Ready, Failure>>
  bucketOf(ready: Ready): string
  /** May wait for S3; several run at a time, so that it must not touch the log record. */
  run(ready: Ready): Promise<Result<Done, Failure>>
  answer(ready: Ready, done: Done): Promise<Result<{ readonly status: number }, Failure>>
}

interface Item<Ready> {
  readonly ready: Result<Ready, Failure>
  /** Its own line of the log. */
  readonly record: RequestRecord
}

/** All of them, a few at a time, results in order. */
async function mapSome<T, U>(items: readonly T[], work: (item: T) => Promise<U>): Promise<U[]> {
  const results: U[] = []
  const queue = items.entries()
  const worker = async (): Promise<void> => {
    for (const [at, item] of queue) results[at] = await work(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return results
}

export async function runBatch<Ready, Done>(
  c: Ctx,
  requests: readonly unknown[],
  steps: BatchSteps<Ready, Done>,
): Promise<Response> {
  const own = c.var.record
  const items: Item<Ready>[] = []
  for (const [at, request] of requests.entries()) {
    const record: RequestRecord = {}
    c.set('record', record)
    items.push({ ready: await steps.prepare(request, at), record })
  }
  c.set('record', own)
  const buckets = items.map(({ ready }) => (ready.ok ? steps.bucketOf(ready.value) : null))
  const limited = await limitBySubject(c, 'upload', ...buckets)
  if (limited !== null) return refuse(c, limited)

  const done = await mapSome(items, async ({ ready }) =>
    ready.ok ? { ready: ready.value, done: await steps.run(ready.value) } : ready,
  )
  const results: (Problem | { readonly status: number })[] = []
  for (const [at, { record }] of items.entries()) {
    c.set('record', record)
    const item = done[at]
    if (item === undefined) continue
    if ('error' in item) results.push(toProblem(c, item.error).problem)
    else {
      const answer = item.done.ok ? await steps.answer(item.ready, item.done.value) : item.done
      results.push(answer.ok ? answer.value : toProblem(c, answer.error).problem)
    }
  }
  const refused = results.filter(({ status }) => status >= 400).length
  c.set('record', { ...own, count: results.length, refused })
  c.set(
    'items',
    items.map(({ record }) => record),
  )
  return c.json({ results })
}
