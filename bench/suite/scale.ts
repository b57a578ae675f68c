// Whether opening a link costs more the more links there are: the same link beside so many others, in KV and in Durable Objects.
// The others are written into the SQLite of miniflare's KV as it writes them itself, but for their values, which are one.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { makeFolder } from '../support/folder.ts'
import { get } from '../support/gateway.ts'
import { type Runtime, run } from '../support/runtime.ts'
import { makeLink } from './cases.ts'
import { type Figures, measureAll, type Plan, type Target } from './measure.ts'
import { type Stage, toStageVariables } from './stage.ts'

/** A record and its two entries of lists (src/adapters/links.ts), in the order of their names. */
const NAMES = [
  "'link:' || printf('%016x', i * 9007199) || '00000A'",
  "'links:at:media:users/' || printf('%016x', i * 9007199) || '/file.txt' || char(10) || printf('%016x', i * 9007199) || '00000A'",
  "'links:of:' || printf('%043x', i * 9007199) || ':98230000000' || char(10) || printf('%016x', i * 9007199) || '00000A'",
]

function addRecords(folder: string, count: number): void {
  const objects = join(folder, 'kv/miniflare-KVNamespaceObject')
  const file = readdirSync(objects).find((name) => /^[\da-f]+\.sqlite$/.test(name))
  if (file === undefined) throw new Error('KV has no database')
  const database = new DatabaseSync(join(objects, file))
  database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; BEGIN')
  for (const name of NAMES)
    database.exec(
      `WITH RECURSIVE numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < ${count})
       INSERT INTO _mf_entries SELECT ${name}, blob_id, expiration, NULL
       FROM numbers, (SELECT blob_id, expiration FROM _mf_entries WHERE key LIKE 'link:%' LIMIT 1)`,
    )
  database.exec('COMMIT')
  database.close()
}

export interface Scale {
  readonly name: string
  readonly figures: Figures
}

export async function measureScale(
  { script, endpoint }: Stage,
  sizes: readonly number[],
  objects: number,
  plan: Plan,
): Promise<readonly Scale[]> {
  // A limit would list KV now and then, which miniflare does by looking at every name; Cloudflare's KV does not.
  const variables = { ...toStageVariables(endpoint), LIMITS: [] }
  const servers: Runtime[] = []
  const targets: (Target & { name: string })[] = []
  const add = (server: Runtime, name: string, id: string): void => {
    servers.push(server)
    targets.push({ server, name, request: get(`/l/${id}`), status: '302' })
  }
  for (const size of sizes) {
    const folder = makeFolder()
    const first = await run(script, variables, { hasStores: true, folder })
    const id = await makeLink(first.port)
    await first.stop()
    addRecords(folder, size)
    const server = await run(script, variables, { hasStores: true, folder })
    add(server, `from KV, beside ${size.toLocaleString('en')} others`, id)
  }
  for (const count of [0, objects]) {
    const server = await run(script, variables, { hasStores: true })
    const terms = { maxDownloads: 1_000_000 }
    const id = await makeLink(server.port, terms)
    for (let at = 0; at < count; at += 20)
      await Promise.all(Array.from({ length: 20 }, () => makeLink(server.port, terms)))
    add(server, `counted, beside ${count.toLocaleString('en')} other objects`, id)
  }
  const figures = await measureAll(targets, plan)
  for (const server of servers) await server.stop()
  return targets.flatMap(({ name }, at) => {
    const found = figures[at]
    return found === undefined ? [] : [{ name, figures: found }]
  })
}
