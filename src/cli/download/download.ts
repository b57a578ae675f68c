// Fetches objects through a gateway into a folder, each into a file of its own.
import { join } from 'node:path'
import { createApi } from '../../client/api.ts'
import { createBreaker } from '../../client/breaker.ts'
import { createAsk } from '../../client/control.ts'
import { PosternError } from '../../client/error.ts'
import type { Shell } from '../frame/shell.ts'
import { Failure } from '../frame/usage.ts'
import { onInterrupt } from '../transfer/interrupt.ts'
import type { Place } from '../transfer/place.ts'
import { runAll } from '../transfer/pool.ts'
import { createNodePorts, type NodePorts } from '../transfer/ports.ts'
import { toFault } from './fault.ts'
import { judgeFile, makeWay, openFolder } from './folder.ts'
import { createGetter, type GetTools } from './get.ts'
import { createJournals } from './journal.ts'
import { toPartName } from './name.ts'
import { fetchObject } from './object.ts'
import { finishPart } from './part-file.ts'
import { createReport, type Report, type Tally } from './report.ts'
import { createSlots } from './slots.ts'
import { findTargets, type Target } from './targets.ts'

export interface DownloadJob {
  readonly gateway: string
  readonly token: () => Promise<string>
  readonly places: readonly Place[]
  /** The folder. */
  readonly to: string
  readonly isOverwriting: boolean
  readonly connections: number
  readonly isQuiet: boolean
  /** One line of JSON a file. */
  readonly isJson: boolean
}

function createTools(ports: NodePorts, { gateway, token }: DownloadJob): GetTools {
  const api = createApi({ baseUrl: gateway, token }, ports)
  const breaker = createBreaker(ports, () => {})
  return { api, breaker, agents: ports.agents, ports, ask: createAsk(api, breaker, ports) }
}

/** A listing that fails is the failure of the command. */
async function findAll({ ask }: GetTools, { places, connections }: DownloadJob) {
  try {
    return await findTargets(ask, places, connections)
  } catch (error) {
    const fault = error instanceof PosternError ? toFault(error) : null
    if (fault === null) throw error
    const { reason, ...data } = fault
    throw new Failure(reason, data)
  }
}

/** Fetches one target and never rejects but for a bug. */
function createTaker(job: DownloadJob, ports: NodePorts, tools: GetTools, report: Report) {
  const folder = openFolder(job.to)
  const slots = createSlots(job.connections)
  const journals = createJournals(join(ports.folder, 'downloads'))
  const { threads, locks } = ports
  journals.prune()

  async function take(target: Target): Promise<void> {
    const { bucket, key, fault } = target
    if (fault !== null) throw new Failure(fault, { code: 'unfit_name' })
    const way = makeWay(folder, target.path)
    const name = target.path.slice(target.path.lastIndexOf('/') + 1)
    const path = join(way, name)
    const part = join(way, toPartName(name))
    await locks.hold(path, new AbortController().signal, async () => {
      judgeFile(path, job.isOverwriting)
      const getter = createGetter(tools, bucket, key)
      const own = { bucket, key, part, getter, slots, threads, journals }
      const fetched = await fetchObject({ ...own, ...report.watch(target) })
      finishPart(part, path, job.isOverwriting)
      journals.remove(part)
      report.done(target, path, fetched)
    })
  }

  return (target: Target): Promise<void> =>
    take(target).catch((error: unknown) => report.failed(target, error))
}

export async function downloadAll(shell: Shell, job: DownloadJob): Promise<Tally> {
  const { gateway, connections } = job
  const ports = createNodePorts(shell, { gateway, connections })
  try {
    const tools = createTools(ports, job)
    const targets = await findAll(tools, job)
    const report = createReport(shell, targets, job)
    const end = (): void => {
      report.end()
      void ports.close()
    }
    const unwatch = onInterrupt(
      shell,
      end,
      'what is stored stays: the same command goes on where it was',
    )
    try {
      await runAll(targets, connections, createTaker(job, ports, tools, report))
    } finally {
      unwatch()
      report.end()
    }
    return report.tally
  } finally {
    await ports.close()
  }
}
