// The gateway with every call that Cloudflare or S3 would be paid for counted: of KV and Durable Objects, the rows these read
// and write, log lines, requests to S3. `GET /counted` tells and forgets; `?cold` begins with an isolate that knows nothing.
import gateway from '../../src/index.ts'
import { Counters as RealCounters, Links as RealLinks } from '../../src/index.ts'

export { Webhooks } from '../../src/index.ts'

let counts: { [name: string]: number } = {}
let cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = []

function count(name: string, by = 1): void {
  counts[name] = (counts[name] ?? 0) + by
}

/** The same object, whose calls are told first. */
function tell<T extends object>(target: T, onCall: (name: string) => void): T {
  return new Proxy(target, {
    get(_, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        onCall(String(name))
        return Reflect.apply(member, target, args)
      }
    },
  })
}

const toNamespace = (name: string, namespace: DurableObjectNamespace): DurableObjectNamespace =>
  new Proxy(namespace, {
    get(_, member) {
      const value: unknown = Reflect.get(namespace, member)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        const result: unknown = Reflect.apply(value, namespace, args)
        if (member !== 'get') return result
        return tell(result as object, (call) => count(`${name}.${call}`))
      }
    },
  })

const ROWS: { readonly [call: string]: string } = {
  get: 'rows read',
  put: 'rows written',
  setAlarm: 'rows written',
}
const countRows = (call: string): void => {
  const rows = ROWS[call]
  if (rows !== undefined) count(rows)
}

function toStorage(storage: DurableObjectStorage): DurableObjectStorage {
  const [kv, told] = [tell(storage.kv, countRows), tell(storage, countRows)]
  const sql = new Proxy(storage.sql, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        const cursor: unknown = Reflect.apply(member, target, args)
        if (name === 'exec') cursors.push(cursor as (typeof cursors)[number])
        return cursor
      }
    },
  })
  return new Proxy(told, {
    get: (target, name) =>
      name === 'kv' ? kv : name === 'sql' ? sql : (Reflect.get(target, name) as unknown),
  })
}

/** The state of an object, with its storage counted. */
function toState(ctx: DurableObjectState): DurableObjectState {
  const storage = toStorage(ctx.storage)
  return new Proxy(ctx, {
    get(target, name) {
      if (name === 'storage') return storage
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

export class Counters extends RealCounters {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    Object.defineProperty(this, 'ctx', { value: toState(ctx) })
  }
}
export class Links extends RealLinks {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    Object.defineProperty(this, 'ctx', { value: toState(ctx) })
  }
}

const askS3 = globalThis.fetch
globalThis.fetch = (...args: Parameters<typeof askS3>) => {
  count('S3')
  return askS3(...args)
}
const write = console.log
console.log = (...args: unknown[]) => {
  count('log lines')
  write(...args)
}

let known: Env | null = null

function toEnv(env: Env): Env {
  return {
    ...env,
    POSTERN_KV: tell(env.POSTERN_KV, (call) => count(`KV ${call}`)),
    COUNTERS: toNamespace('COUNTERS', env.COUNTERS) as typeof env.COUNTERS,
    LINKS: toNamespace('LINKS', env.LINKS) as typeof env.LINKS,
  }
}

function report(): Response {
  for (const { rowsRead, rowsWritten } of cursors) {
    count('rows read', rowsRead)
    count('rows written', rowsWritten)
  }
  const answer = Response.json(counts)
  counts = {}
  cursors = []
  return answer
}

export default {
  fetch(request: Request, env: Env, ctx: ExecutionContext) {
    const { pathname, search } = new URL(request.url)
    if (pathname === '/counted') {
      if (search === '?cold') known = null
      return report()
    }
    // The gateway knows its isolate by its environment.
    known ??= toEnv(env)
    return gateway.fetch(request, known, ctx)
  },
}
