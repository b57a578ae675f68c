// Records of uploads as files: NAME.json is the record, a line of NAME.parts each stored part, NAME.left the answer for another process.
import { appendFile, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import type { RecordStore, UploadRecord } from '../../client/ports.ts'
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
})

function parseRecord(text: string): UploadRecord | null {
  try {
    const parsed = v.safeParse(schema, JSON.parse(text))
    return parsed.success ? parsed.output : null
  } catch {
    return null
  }
}

/** A last line that was cut off by a crash is none. */
function parseParts(text: string): Map<number, string> {
  const lines = text.matchAll(/^(\d+) ([\w-]+)\n/gm)
  return new Map([...lines].map(([, number, etag = '']) => [Number(number), etag]))
}

const readText = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')

/** In a folder of one gateway. A disk that is full or read-only loses the resume, not the upload. */
export function createRecordFiles(folder: string): RecordStore {
  const toPath = (name: string, kind: string): string => join(folder, `${toFileName(name)}.${kind}`)
  const drop = async (name: string, ...kinds: readonly string[]): Promise<void> => {
    for (const kind of kinds) await rm(toPath(name, kind), { force: true }).catch(() => {})
  }
  return {
    async list() {
      const names = await readdir(folder).catch(() => [])
      const files = names.filter((name) => name.endsWith('.json'))
      const texts = await Promise.all(files.map((name) => readText(join(folder, name))))
      return texts.map(parseRecord).filter((record) => record !== null)
    },
    async read(name) {
      const record = parseRecord(await readText(toPath(name, 'json')))
      if (record?.name !== name) return null
      return { record, etags: parseParts(await readText(toPath(name, 'parts'))) }
    },
    async write(records) {
      try {
        makeFolder(folder)
        for (const { handle: _, ...record } of records) {
          await drop(record.name, 'left')
          writeWhole(toPath(record.name, 'json'), JSON.stringify(record))
        }
      } catch {
        // Not kept.
      }
    },
    async writePart(name, partNumber, etag) {
      const line = `${partNumber} ${etag}\n`
      await appendFile(toPath(name, 'parts'), line, { mode: 0o600 }).catch(() => {})
    },
    remove: (name) => drop(name, 'json', 'parts'),
    async leave(name, answer) {
      writeWhole(toPath(name, 'left'), answer)
    },
    async take(name) {
      const text = await readText(toPath(name, 'left'))
      await drop(name, 'left')
      return text === '' ? null : text
    },
  }
}
