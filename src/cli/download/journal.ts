// What is known of an unfinished download, in the state folder: which ranges are on the disk, of which object. No token, no URL.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { SUMS } from '../transfer/sums.ts'
import { makeFolder, toFileName, writeWhole } from '../transfer/state.ts'

const schema = v.object({
  /** Of the unfinished file. */
  part: v.string(),
  bucket: v.string(),
  key: v.string(),
  etag: v.string(),
  size: v.number(),
  rangeBytes: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** False where the store encrypts with a key of its own: the ETag is then no MD5. */
  isMd5: v.boolean(),
  /** Of the whole object, as S3 says it, in base64. */
  sum: v.nullable(v.object({ name: v.picklist(SUMS), value: v.string() })),
  /** Of each range that is on the disk its number and CRC32. */
  stored: v.array(v.tuple([v.number(), v.number()])),
})
export type Journal = v.InferOutput<typeof schema>

function parseJournal(path: string): Journal | null {
  try {
    const parsed = v.safeParse(schema, JSON.parse(readFileSync(path, 'utf8')))
    return parsed.success ? parsed.output : null
  } catch {
    return null
  }
}

export interface Journals {
  read(part: string): Journal | null
  write(journal: Journal): void
  remove(part: string): void
  /** Forgets those whose file is gone. */
  prune(): void
}

/** In a folder of one gateway. A disk that is full or read-only loses the resume, not the download. */
export function createJournals(folder: string): Journals {
  const toPath = (part: string): string => join(folder, `${toFileName(part)}.json`)
  return {
    read(part) {
      const journal = parseJournal(toPath(part))
      return journal?.part === part ? journal : null
    },
    write(journal) {
      try {
        makeFolder(folder)
        writeWhole(toPath(journal.part), JSON.stringify(journal))
      } catch {
        // Not kept.
      }
    },
    remove: (part) => rmSync(toPath(part), { force: true }),
    prune() {
      if (!existsSync(folder)) return
      for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
        const journal = parseJournal(join(folder, name))
        if (journal === null || !existsSync(journal.part))
          rmSync(join(folder, name), { force: true })
      }
    },
  }
}
