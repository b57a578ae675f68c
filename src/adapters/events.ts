// Analytics Engine: one data point a request, by the schema of docs/operations.md. It is written in the background, may be
// sampled, and never fails a request; without the binding there is none.
// https://developers.cloudflare.com/analytics/analytics-engine/limits/
import type { Events } from '../core/event.ts'

/** Of each text; Cloudflare takes 16 KB of all together, and 96 bytes of the index. */
const MAX_CHARACTERS = 256

export function createEvents(dataset: AnalyticsEngineDataset | undefined): Events | null {
  if (dataset === undefined) return null
  return {
    write({ subject, texts, numbers }) {
      try {
        dataset.writeDataPoint({
          indexes: [subject],
          blobs: texts.map((text) => text?.slice(0, MAX_CHARACTERS) ?? ''),
          doubles: [...numbers],
        })
      } catch {
        // More points than an invocation may write, or a dataset that is gone: the log line has it all the same.
      }
    },
  }
}
