// The Worker's entry: the handlers of requests and of the cron trigger, and the Durable Object classes it exports.
import { createApp } from './app.ts'
import { platform } from './deps.ts'
import { createScheduled } from './scheduled.ts'

export { Counters } from './adapters/counters.ts'
export { Links } from './adapters/link-object.ts'
export { Webhooks } from './adapters/webhooks.ts'

const { fetch } = createApp(platform)

export default { fetch, scheduled: createScheduled(platform) } satisfies ExportedHandler<Env>
