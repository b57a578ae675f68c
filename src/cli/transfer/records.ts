// Records of uploads as files, one for each, written whole.
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import type { RecordStore, UploadRecord } from '../../client/ports.ts'
import { completeAnswer } from '../../contract/upload.ts'
import { makeFolder, toFileName, writeWhole } from './state.ts'

const schema = v.object({
  name: v.string(),
  id: v.string(),
  sub: v.string(),
  bucket: v.string(),
  key: v.string(),
  size: v.number(),
  type: v.string(),
  lastModified: v.number(),
  strategy: v.picklist(['put', 'multipart']),
  partSize: v.number(),
  partCount: v.number(),
  resumableUntil: v.string(),
  verify: v.exactOptional(v.picklist(['md5', 'crc64nvme', 'etag'])),
  etags: v.pipe(
    v.array(v.tuple([v.number(), v.string()])),
    v.transform((pairs) => new Map(pairs)),
  ),
  answer: v.exactOptional(completeAnswer),
})

function parseRecord(text: string): UploadRecord | null {
  try {
    const parsed = v.safeParse(schema, JSON.parse(text))
    return parsed.success ? parsed.output : null
  } catch {
    return null
  }
}

export interface RecordFiles extends RecordStore {
  /** Forgets what can no longer be gone on with: S3 has dropped its parts, or will. */
  prune(now: number): Promise<void>
}

/** In a folder of one gateway. A disk that is full or read-only loses the resume, not the upload. */
export function createRecordFiles(folder: string): RecordFiles {
  const toPath = (name: string): string => join(folder, `${toFileName(name)}.json`)
  const readRecord = async (path: string): Promise<UploadRecord | null> =>
    parseRecord(await readFile(path, 'utf8').catch(() => ''))
  return {
    async list() {
      const names = await readdir(folder).catch(() => [])
      const files = names.filter((name) => name.endsWith('.json'))
      const records = await Promise.all(files.map((name) => readRecord(join(folder, name))))
      return records.filter((record) => record !== null)
    },
    async read(name) {
      const record = await readRecord(toPath(name))
      return record?.name === name ? record : null
    },
    async write(records) {
      try {
        makeFolder(folder)
        for (const { handle: _, etags, ...record } of records)
          writeWhole(toPath(record.name), JSON.stringify({ ...record, etags: [...etags] }))
      } catch {
        // Not kept.
      }
    },
    async remove(name) {
      await rm(toPath(name), { force: true }).catch(() => {})
    },
    async prune(now) {
      for (const file of await readdir(folder).catch(() => [])) {
        if (!file.endsWith('.json')) continue
        const path = join(folder, file)
        const record = await readRecord(path)
        if (record === null || Date.parse(record.resumableUntil) <= now)
          await rm(path, { force: true }).catch(() => {})
      }
    },
  }
}
