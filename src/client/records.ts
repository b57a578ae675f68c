// Records of uploads in IndexedDB, by name.
import type { RecordStore, UploadRecord } from './ports.ts'

const STORE = 'uploads'

const toResult = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', reject)
  })

/** Where IndexedDB is refused or full, nothing is kept: uploads go on without. */
export function createRecords(): RecordStore {
  let opening: Promise<IDBDatabase> | undefined

  function open(): Promise<IDBDatabase> {
    const request = indexedDB.open('postern', 1)
    request.addEventListener('upgradeneeded', () => request.result.createObjectStore(STORE))
    return toResult(request)
  }

  async function using<T>(run: (rows: IDBObjectStore) => IDBRequest<T>): Promise<T | null> {
    try {
      const database = await (opening ??= open())
      return await toResult(run(database.transaction(STORE, 'readwrite').objectStore(STORE)))
    } catch {
      return null
    }
  }

  return {
    // Only this file writes here.
    list: async () => (await using<UploadRecord[]>((rows) => rows.getAll())) ?? [],
    read: async (name) => (await using<UploadRecord | undefined>((rows) => rows.get(name))) ?? null,
    async write(records) {
      await using((rows) => {
        for (const record of records) rows.put(record, record.name)
        return rows.count()
      })
    },
    async remove(name) {
      await using((rows) => rows.delete(name))
    },
  }
}
