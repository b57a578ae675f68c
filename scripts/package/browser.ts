// Builds a browser module of the package: one file, as small as it gets.
import { join } from 'node:path'
import { rolldown } from 'rolldown'

/**
 * Properties that src/client keeps to itself: they become letters. Nothing that a caller, the gateway, IndexedDB or the
 * browser knows may stand here; test/size.test.ts looks for each in their types.
 */
export const INTERNAL = [
  'addStored',
  'addUrls',
  'ask',
  'askMany',
  'bestBytes',
  'canList',
  'clock',
  'findUrl',
  'flight',
  'flushStored',
  'forgetUrl',
  'halt',
  'isAsking',
  'isAwaited',
  'isOnline',
  'isSent',
  'isStored',
  'maySend',
  'opened',
  'passed',
  'patienceOf',
  'perSecond',
  'plan',
  'probe',
  'pump',
  'reportProgress',
  'restarts',
  'settle',
  'signs',
  'sumOf',
  'task',
  'todo',
  'trip',
  'untilMs',
  'uuid',
  'wanted',
]

export async function buildModule(input: string, folder: string, name: string): Promise<void> {
  const bundle = await rolldown({ input, transform: { target: 'es2022' } })
  await bundle.write({
    file: join(folder, `${name}.js`),
    format: 'esm',
    comments: false,
    minify: { mangleProps: { include: new RegExp(`^(?:${INTERNAL.join('|')})$`) } },
  })
  await bundle.close()
}
