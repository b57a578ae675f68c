// The scenario of deleting: an object that is said to be gone is gone, and nothing beside it.
import type { Stage } from '../stage.ts'

const STORE = ['kv', 's3'] as const

export async function removing(stage: Stage): Promise<void> {
  const { subject, owner } = stage
  const toKey = (at: number): string => `users/${subject}/removed ${at}`
  const [beside, content] = [toKey(0), stage.text()]
  await owner.write(beside, content)
  for (let at = 1; at <= 4; at += 1) {
    await owner.write(toKey(at), content)
    const target = `/v1/objects/media/users/${subject}/removed%20${at}`
    await stage.ask('DELETE', target, { status: 204, needs: STORE })
    stage.expect((await owner.read(toKey(at))) === null, `what was removed is there: ${at}`)
    // What is not there is removed already.
    await stage.ask('DELETE', target, { status: 204, needs: STORE })
  }
  const denied = { status: 403, code: 'forbidden', needs: ['kv'] } as const
  await stage.ask('DELETE', `/v1/objects/media/tiny/${subject}/a.txt`, denied)
  stage.expect((await owner.read(beside)) === content, 'an object beside those that were removed')
  await owner.remove(beside)
}
