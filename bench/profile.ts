// `npm run bench:profile`: where the CPU time of an authenticated redirect goes, by V8's own profiler in bare workerd.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { redirect, toVariables } from './support/gateway.ts'
import { measure } from './support/load.ts'
import { bundle, serve } from './support/workerd.ts'

interface Profile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** One inspector session: sends commands, waits for their results. */
async function openInspector(port: number) {
  const targets = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as {
    webSocketDebuggerUrl: string
  }[]
  const url = targets.find((target) => target.webSocketDebuggerUrl.includes('main'))
  const socket = new WebSocket(url?.webSocketDebuggerUrl ?? '')
  await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }))
  const waiting = new Map<number, (result: unknown) => void>()
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as { id?: number; result?: unknown }
    if (message.id !== undefined) waiting.get(message.id)?.(message.result)
  })
  let last = 0
  return {
    send(method: string): Promise<unknown> {
      last += 1
      const id = last
      socket.send(JSON.stringify({ id, method }))
      return new Promise((resolve) => waiting.set(id, resolve))
    },
    close: () => socket.close(),
  }
}

const folder = mkdtempSync(join(tmpdir(), 'postern-bench-'))
const gateway = await bundle('src/index.ts', join(folder, 'gateway.js'), false)
const server = await serve(gateway, toVariables(10))
await measure(server.port, redirect, '302', 1500)
const inspector = await openInspector(server.inspectorPort)
await inspector.send('Profiler.enable')
await inspector.send('Profiler.start')
const rate = await measure(server.port, redirect, '302', 5000)
const { profile } = (await inspector.send('Profiler.stop')) as { profile: Profile }
inspector.close()
server.stop()

const names = new Map(
  profile.nodes.map(({ id, callFrame }) => [
    id,
    `${callFrame.functionName || '(anonymous)'}:${callFrame.lineNumber}`,
  ]),
)
const self = new Map<string, number>()
for (const [at, id] of profile.samples.entries()) {
  const name = names.get(id) ?? ''
  self.set(name, (self.get(name) ?? 0) + (profile.timeDeltas[at] ?? 0))
}
const total = [...self.values()].reduce((sum, time) => sum + time, 0)
console.log(`${Math.round(rate)} requests a second under the profiler; self time:`)
for (const [name, time] of [...self].toSorted(([, a], [, b]) => b - a).slice(0, 45))
  console.log(`${((100 * time) / total).toFixed(1).padStart(5)} %  ${name}`)
