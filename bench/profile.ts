// `npm run bench:profile`: where the time of an authenticated redirect goes, by V8's own profiler in bare workerd. `-- --quick` only tries it out.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { redirect, toVariables } from './support/gateway.ts'
import { makeFolder } from './support/folder.ts'
import { measure } from './support/load.ts'
import { bundle, serve } from './support/workerd.ts'

interface Profile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly lineNumber: number }
    readonly children?: readonly number[]
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

const isQuick = process.argv.includes('--quick')
const [WARM_UP_MS, PROFILED_MS] = isQuick ? [500, 1000] : [5000, 15_000]
const SHOWN = 25

const script = await bundle('src/index.ts', join(makeFolder(), 'gateway.js'), false)
const server = await serve(script, toVariables(10))
await measure(server.port, redirect, '302', WARM_UP_MS)
const inspector = await openInspector(server.inspectorPort)
await inspector.send('Profiler.enable')
await inspector.send('Profiler.start')
const rate = await measure(server.port, redirect, '302', PROFILED_MS)
const { profile } = (await inspector.send('Profiler.stop')) as { profile: Profile }
inspector.close()
server.stop()

/** Of each line of the bundle, the file that it came from: esbuild writes its name above it. */
function readOrigins(): string[] {
  let file = ''
  return readFileSync(script, 'utf8')
    .split('\n')
    .map((line) => (file = /^\/\/ ((?:src|node_modules)\/\S+)$/.exec(line)?.[1] ?? file))
}
const origins = readOrigins()

/** What the runtime does has no line. */
function toName({ functionName, lineNumber }: Profile['nodes'][number]['callFrame']): string {
  const name = functionName || '(anonymous)'
  return lineNumber < 0 ? `${name} of the runtime` : `${name}  ${origins[lineNumber] ?? ''}`
}

const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
const parents = new Map(
  profile.nodes.flatMap(({ id, children }) => (children ?? []).map((child) => [child, id])),
)
const [self, whole] = [new Map<string, number>(), new Map<string, number>()]
const add = (times: Map<string, number>, name: string, time: number): void =>
  void times.set(name, (times.get(name) ?? 0) + time)
for (const [at, sample] of profile.samples.entries()) {
  const time = profile.timeDeltas[at] ?? 0
  const names = new Set<string>()
  for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
    const node = nodes.get(id)
    if (node === undefined) continue
    const name = toName(node.callFrame)
    if (id === sample) add(self, name, time)
    names.add(name)
  }
  for (const name of names) add(whole, name, time)
}
const idle = self.get('(idle) of the runtime') ?? 0
const total = [...self.values()].reduce((sum, time) => sum + time, 0) - idle

function print(title: string, times: Map<string, number>): void {
  console.log(`\n${title}`)
  const sorted = [...times].toSorted(([, a], [, b]) => b - a)
  const shown = sorted.filter(([name]) => !/^\((?:idle|root)\)/.test(name)).slice(0, SHOWN)
  for (const [name, time] of shown)
    console.log(`${((100 * time) / total).toFixed(1).padStart(5)} %  ${name}`)
}
console.log(
  `${Math.round(rate)} requests a second under the profiler, ${Math.round(total / (rate * (PROFILED_MS / 1000)))} µs of each in the isolate`,
)
print('self time:', self)
print('with what it calls:', whole)
