// What Node gives the transfer engine: node:http for bytes, threads for checksums, files for records and locks.
import { join } from 'node:path'
import type { Ports } from '../../client/ports.ts'
import type { Shell } from '../frame/shell.ts'
import type { FileRange } from './file-blob.ts'
import { toRange } from './file-blob.ts'
import { createThreads, type Threads } from './hash.ts'
import { createLockFiles } from './locks.ts'
import { createRecordFiles, type RecordFiles } from './records.ts'
import { type Agents, createAgents, createProbe, createSend } from './send.ts'
import { findStateFolder, toFileName } from './state.ts'

export interface NodePorts extends Ports {
  readonly agents: Agents
  readonly threads: Threads
  readonly store: RecordFiles
  /** Of this gateway. */
  readonly folder: string
  /** Lets go of everything that would outlive the command. */
  close(): Promise<void>
}

export interface PortOptions {
  readonly gateway: string
  readonly connections: number
  readonly onStored?: (range: FileRange) => void
}

export function createNodePorts(
  shell: Shell,
  { gateway, connections, onStored = () => {} }: PortOptions,
): NodePorts {
  const folder = join(findStateFolder(shell), toFileName(gateway).slice(0, 16))
  const clock: Ports['clock'] = {
    now: shell.now,
    after(ms, call) {
      const timer = setTimeout(call, ms)
      return () => clearTimeout(timer)
    },
  }
  const random = Math.random
  const agents = createAgents(connections)
  const threads = createThreads()
  const locks = createLockFiles(join(folder, 'locks'), { clock, random })
  return {
    agents,
    threads,
    folder,
    clock,
    random,
    uuid: () => crypto.randomUUID(),
    fetch: (...call) => fetch(...call),
    send: createSend(agents, onStored),
    probe: createProbe(agents),
    hash: (bytes, algorithm) => threads.sum(toRange(bytes), algorithm),
    store: createRecordFiles(join(folder, 'uploads')),
    locks,
    // Node cannot tell; the breaker's probes do.
    online: { isOnline: () => true, watch: () => () => {} },
    async close() {
      locks.close()
      agents.close()
      await threads.close()
    },
  }
}
