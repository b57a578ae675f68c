// What one request of each kind asks of KV, Durable Objects, S3 and the log: counted, for the first of an isolate and for later ones.
import { join } from 'node:path'
import { type Runtime, run } from '../support/runtime.ts'
import { bundle } from '../support/workerd.ts'
import { type Case, makeLink } from './cases.ts'
import type { Counts } from './prices.ts'
import { type Stage, toStageVariables } from './stage.ts'

/** Requests over which the later ones are counted. */
export const LATER = 100

export interface Counted {
  readonly first: Counts
  /** Of LATER requests. */
  readonly later: Counts
}

/** One request as it stands in a case, sent by fetch. */
async function send(port: number, { request, status }: Case, path?: string): Promise<void> {
  const [one = ''] = [request].flat()
  const [head = '', body = ''] = one.split('\r\n\r\n')
  const [line = '', ...fields] = head.split('\r\n')
  const [method = 'GET', target = '/'] = line.split(' ')
  const headers = fields
    .map((field) => field.split(': ', 2) as [string, string])
    .filter(([name]) => name !== 'Host' && name !== 'Content-Length')
  const answer = await fetch(`http://127.0.0.1:${port}${path ?? target}`, {
    method,
    headers,
    redirect: 'manual',
    ...(body !== '' && { body }),
  })
  await answer.arrayBuffer()
  if (String(answer.status) !== status) throw new Error(`${target}: ${answer.status}`)
}

async function read({ port }: Runtime, how = ''): Promise<Counts> {
  return (await (await fetch(`http://127.0.0.1:${port}/counted${how}`)).json()) as Counts
}

export async function countCalls(
  { folder, endpoint }: Stage,
  cases: readonly Case[],
): Promise<ReadonlyMap<string, Counted>> {
  const script = await bundle('bench/support/counted.ts', join(folder, 'counted.js'))
  const server = await run(script, toStageVariables(endpoint), { hasStores: true })
  const links = new Map([
    ['kvLink', `/l/${await makeLink(server.port)}`],
    ['countedLink', `/l/${await makeLink(server.port, { maxDownloads: 1_000_000 })}`],
  ])
  const counted = new Map<string, Counted>()
  for (const one of cases.filter((each) => each.server === 'few')) {
    const path = links.get(one.id)
    await read(server, '?cold')
    await send(server.port, one, path)
    const first = await read(server)
    for (let at = 0; at < LATER; at += 1) await send(server.port, one, path)
    counted.set(one.id, { first, later: await read(server) })
  }
  await server.stop()
  return counted
}
