// GET /healthz and GET /readyz: liveness and build; configuration and bindings.
import * as v from 'valibot'

export const healthAnswer = v.strictObject({ status: v.literal('ok'), version: v.string() })
export type HealthAnswer = v.InferOutput<typeof healthAnswer>

export const readyAnswer = v.strictObject({
  status: v.literal('ready'),
  version: v.string(),
  /** What works but will not for long, such as a variable near Cloudflare's cap of 5 KB. */
  warnings: v.array(v.string()),
})
export type ReadyAnswer = v.InferOutput<typeof readyAnswer>
