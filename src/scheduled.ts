// What a cron trigger does: housekeeping of uploads, one line of the log for each bucket.
import { sweepUploads } from './core/upload/sweep.ts'
import type { Platform } from './http/env.ts'

export function createScheduled(platform: Platform) {
  return async function scheduled(_: ScheduledController, env: object): Promise<void> {
    const deps = await platform.depsOf(env)
    const time = new Date().toISOString()
    if (!deps.ok) return platform.log.write({ time, job: 'sweep', code: 'misconfigured' })
    const { store, config, clock } = deps.value
    for (const swept of await sweepUploads(store, config.policy, clock.now()))
      platform.log.write({ time, job: 'sweep', ...swept })
  }
}
