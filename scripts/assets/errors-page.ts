// docs/errors: where the `type` of a problem leads, one entry for each code.
import { WHEN } from '../../src/contract/error-docs.ts'
import { ERRORS, type ErrorCode } from '../../src/contract/errors.ts'
import { toHtml } from './layout.ts'

export function toErrorsBody(): string {
  const entries = Object.entries(ERRORS).map(
    ([code, { status, title }]) =>
      `<h2 id="${code}">${status} <code>${code}</code></h2>\n<p>${toHtml(title)}. ${toHtml(WHEN[code as ErrorCode])}</p>`,
  )
  const lead =
    'Every error is `application/problem+json` (RFC 9457) with one of these codes in `code`; its `type` leads here.'
  return `<h1>Errors</h1>\n<p class="lead">${toHtml(lead)}</p>\n${entries.join('\n')}`
}
