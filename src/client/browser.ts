// What a browser gives the client: XHR for bytes, IndexedDB, Web Locks, online events, a worker for checksums.
import { createRecords } from './records.ts'
import type { Hasher, Locks, Ports, SumAlgorithm, Transport } from './ports.ts'

/** Headers that a browser sets by itself for a Blob, and refuses to take from a script. */
const OWN_HEADERS = /^(content-length|host)$/

/** `fetch` has no upload progress, so XHR. */
const send: Transport = ({ method, url, headers }, body, onSent, signal) =>
  new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest()
    xhr.open(method, url)
    for (const [name, value] of Object.entries(headers))
      if (!OWN_HEADERS.test(name)) xhr.setRequestHeader(name, value)
    xhr.upload.addEventListener('progress', ({ loaded }) => onSent(loaded))
    // After `load`, or an error, or an abort: the status of the last two is 0.
    xhr.addEventListener('loadend', () => {
      if (xhr.status > 0)
        resolve({ status: xhr.status, header: (name) => xhr.getResponseHeader(name) })
      else reject(new Error('network'))
    })
    signal.addEventListener('abort', () => xhr.abort())
    xhr.send(body)
  })

/** One worker for all; without one (a strict page, a foreign script) there are no checksums of ours. */
export function createHasher(workerUrl: string | URL | undefined): Hasher {
  let worker: Worker | undefined
  let isBroken = false
  /** It answers in order. */
  const asked: ((sum: string | null) => void)[] = []
  function start(): Worker {
    // Bundlers look for these very words, literals among them.
    const fresh = workerUrl
      ? new Worker(workerUrl, { type: 'module' })
      : new Worker(new URL('./hash-worker.js', import.meta.url), { type: 'module' })
    fresh.addEventListener('message', ({ data }) => asked.shift()?.(data))
    fresh.addEventListener('error', () => {
      isBroken = true
      for (const answer of asked) answer(null)
    })
    return fresh
  }
  return (bytes: Blob, algorithm: SumAlgorithm) =>
    new Promise((resolve) => {
      try {
        worker ??= start()
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
        worker.postMessage({ bytes, algorithm })
        asked.push(resolve)
      } catch {
        isBroken = true
      }
      if (isBroken) resolve(null)
    })
}

/** Without Web Locks (pages that are not secure) every tab is alone. */
function createLocks(): Locks {
  const locks = navigator.locks as LockManager | undefined
  const toLock = (name: string): string => `postern ${name}`
  return {
    async hold(name, signal, run) {
      if (!locks) return run(false)
      const isFree = await locks.request(toLock(name), { ifAvailable: true }, async (lock) => {
        if (lock) await run(false)
        return lock
      })
      if (!isFree) await locks.request(toLock(name), { signal }, () => run(true))
    },
    async isAwaited(name) {
      const { pending = [] } = (await locks?.query()) ?? {}
      return pending.some((other) => other.name === toLock(name))
    },
  }
}

export function createBrowserPorts(workerUrl: string | URL | undefined): Ports {
  return {
    clock: {
      now: () => Date.now(),
      after(ms, call) {
        const timer = setTimeout(call, ms)
        return () => clearTimeout(timer)
      },
    },
    random: () => Math.random(),
    uuid: () => crypto.randomUUID(),
    fetch: (...call) => fetch(...call),
    send,
    // Any answer will do, and none may be read: no CORS is needed.
    probe: (origin, signal) =>
      fetch(origin, { method: 'HEAD', mode: 'no-cors', cache: 'no-store', signal }).then(
        () => true,
        () => false,
      ),
    hash: createHasher(workerUrl),
    store: createRecords(),
    locks: createLocks(),
    online: {
      isOnline: () => navigator.onLine,
      watch(call) {
        addEventListener('online', call)
        return () => removeEventListener('online', call)
      },
    },
  }
}
