// The Worker's entry: the fetch handler and the Durable Object classes it exports.
import { createApp } from './app.ts'
import { platform } from './deps.ts'

export { Counters } from './adapters/counters.ts'
export { Links } from './adapters/link-object.ts'
export { Webhooks } from './adapters/webhooks.ts'

export default createApp(platform) satisfies ExportedHandler<Env>
