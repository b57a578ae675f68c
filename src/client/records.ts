// Records of uploads in IndexedDB: [name, 0] is the record, [name, n] the ETag of part n, [name, "left"] the answer for another tab.
import type { RecordStore, UploadRecord } from './ports.ts'

const STORE = 'uploads'

/** Where IndexedDB is refused or full, nothing is kept: uploads go on without. */
export function createRecords(): RecordStore {
  let opening: Promise<IDBDatabase> | null = null

  function open(): Promise<IDBDatabase> {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open('postern', 1)
      request.addEventListener('upgradeneeded', () => request.result.createObjectStore(STORE))
      request.addEventListener('success', () => resolve(request.result))
      request.addEventListener('error', () => reject(new Error('no IndexedDB')))
    })
  }

  /** The result of the request that `run` makes, once its transaction is over. */
  async function using<T>(
    mode: IDBTransactionMode,
    run: (rows: IDBObjectStore) => IDBRequest<T> | undefined,
  ): Promise<T | undefined> {
    try {
      const database = await (opening ??= open())
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction(STORE, mode)
        const request = run(transaction.objectStore(STORE))
        transaction.addEventListener('complete', () => resolve(request?.result))
        transaction.addEventListener('abort', () => reject(new Error('not kept')))
      })
    } catch {
      return undefined
    }
  }

  /** All keys of one name: an array sorts after every number and text. */
  const all = (name: string): IDBKeyRange => IDBKeyRange.bound([name], [name, []])
  const write = (key: [string, number | 'left'], value: unknown): Promise<unknown> =>
    using('readwrite', (rows) => rows.put(value, key))

  return {
    async list() {
      const rows = (await using<unknown[]>('readonly', (store) => store.getAll())) ?? []
      // Only this file writes here: what is an object is a record.
      return rows.filter((row): row is UploadRecord => typeof row === 'object')
    },
    async read(name) {
      const [keys, values] = await Promise.all([
        using('readonly', (rows) => rows.getAllKeys(all(name))),
        using<unknown[]>('readonly', (rows) => rows.getAll(all(name))),
      ])
      const etags = new Map<number, string>()
      let record: UploadRecord | null = null
      for (const [at, key] of (keys ?? []).entries()) {
        const partNumber = Array.isArray(key) ? key[1] : undefined
        const value = values?.[at]
        if (partNumber === 0) record = value as UploadRecord
        else if (typeof partNumber === 'number') etags.set(partNumber, String(value))
      }
      return record && { record, etags }
    },
    async write(records) {
      await using('readwrite', (rows) => {
        for (const record of records) rows.put(record, [record.name, 0])
        return undefined
      })
    },
    async writePart(name, partNumber, etag) {
      await write([name, partNumber], etag)
    },
    async remove(name) {
      await using('readwrite', (rows) => rows.delete(all(name)))
    },
    async leave(name, answer) {
      await write([name, 'left'], answer)
    },
    async take(name) {
      const found = await using<unknown>('readonly', (rows) => rows.get([name, 'left']))
      return typeof found === 'string' ? found : null
    },
  }
}
