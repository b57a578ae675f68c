// How long a signed URL lives by its own parameters, and what the clocks make of it.
import { MAX_EXPIRES_SECONDS } from '../../core/sign/lifetime.ts'
import { fault, type Finding, toMoment, warning } from './finding.ts'
import { findValue, type UrlParts } from './url.ts'

/** Milliseconds since 1970 of `20261125T101530Z`. */
export function parseAmzDate(text: string): number {
  const iso = text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
  return iso === text ? Number.NaN : Date.parse(iso)
}

/** S3 takes a request that comes this much before its time. */
const MAX_AHEAD_MS = 15 * 60_000

export function judgeLife(url: UrlParts, nowMs: number): Finding[] {
  const start = parseAmzDate(findValue(url, 'X-Amz-Date') ?? '')
  const expires = findValue(url, 'X-Amz-Expires') ?? ''
  const seconds = /^\d+$/.test(expires) ? Number(expires) : Number.NaN
  const findings: Finding[] = []
  if (Number.isNaN(start) && findValue(url, 'X-Amz-Date') !== undefined)
    findings.push(fault('date-malformed', 'X-Amz-Date is not of the form 20261125T101530Z'))
  if (expires !== '' && !(seconds >= 1 && seconds <= MAX_EXPIRES_SECONDS))
    findings.push(
      fault(
        'life-out-of-range',
        'X-Amz-Expires is not 1 to 604800 seconds: S3 answers AuthorizationQueryParametersError',
      ),
    )
  else if (start + seconds * 1000 <= nowMs)
    findings.push(fault('expired', `it expired ${toMoment(start + seconds * 1000, nowMs)}`))
  if (start > nowMs + MAX_AHEAD_MS)
    findings.push(
      fault(
        'not-yet-valid',
        `it is signed for a time to come: the signer’s clock was ahead, or yours is behind; AWS refuses it, others don’t look; ${toMoment(start, nowMs)}`,
      ),
    )
  else if (start > nowMs)
    findings.push(
      warning(
        'clock-ahead',
        'it is signed a little ahead of this machine’s clock: the clocks differ',
      ),
    )
  return findings
}
