// The data point of a request: every text and number has a fixed place, told in docs/operations.md. Never a key, an address, or a reason.
import type { EventPoint } from '../core/event.ts'
import { VERSION } from '../version.ts'
import type { Ctx } from './env.ts'

export function toEventPoint(
  c: Ctx,
  { issuer, subject = '' }: { readonly issuer?: string; readonly subject?: string },
  ms: number,
): EventPoint {
  const record = c.get('record')
  const { route, code, bucket, grant, link, count = 1, refused = 0 } = record
  const colo = c.req.raw.cf?.['colo']
  const place = typeof colo === 'string' ? colo : ''
  return {
    subject,
    texts: [
      route,
      c.req.method,
      code,
      bucket,
      grant,
      issuer,
      link,
      place,
      VERSION,
      c.get('requestId'),
    ],
    numbers: [c.res.status, ms, count, refused],
  }
}
