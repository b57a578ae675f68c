// Deletes files, after asking: what was deleted, and the first failure.
import type { App } from './app.ts'
import { confirmDanger } from './dialog.ts'
import { toName } from './places.ts'
import { say } from './say.ts'

/** Calls under way at a time. */
const AT_ONCE = 4

export function askToDelete(
  { client }: App,
  bucket: string,
  keys: readonly string[],
  onDeleted: (key: string) => void,
): void {
  const [first = ''] = keys
  const what = keys.length === 1 ? toName(first) : `${keys.length} files`
  const left = [...keys]
  const work = async (): Promise<void> => {
    for (let key = left.shift(); key !== undefined; key = left.shift()) {
      try {
        await client.remove({ bucket, key })
      } catch (error) {
        // Tried again with the others when the button is pressed once more.
        left.push(key)
        throw error
      }
      onDeleted(key)
    }
  }
  const text = 'It is removed from the bucket, for everybody. Links to it open no more.'
  confirmDanger(`Delete ${what}?`, text, 'Delete', async () => {
    const works = await Promise.allSettled(Array.from({ length: AT_ONCE }, work))
    const failed = works.find(({ status }) => status === 'rejected')
    if (failed?.status === 'rejected') throw failed.reason
    say(`${what} deleted`)
  })
}
