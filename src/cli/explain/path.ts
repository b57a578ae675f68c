// The path of a signed URL: spellings that clients, proxies or S3 itself read in another way than the signer did.
import { fault, type Finding, warning } from './finding.ts'
import type { UrlParts } from './url.ts'

export function judgePath({ path }: UrlParts): Finding[] {
  const findings: Finding[] = []
  if (/\/(?:\.|%2e){1,2}(?:\/|$)/i.test(path))
    findings.push(
      fault(
        'dot-segments',
        'the key has a segment "." or "..": clients fold it away before they send the request',
      ),
    )
  if (/%(?![0-9A-Fa-f]{2})/.test(path))
    findings.push(
      fault(
        'broken-encoding',
        'a "%" without two hex digits stands in the path: in a key it must be %25',
      ),
    )
  else if (/%25[0-9A-Fa-f]{2}/.test(path))
    findings.push(
      warning(
        'encoded-twice',
        'the path looks percent-encoded twice (%25…): either the key really holds a "%", or it was encoded before it was signed, and S3 answers NoSuchKey',
      ),
    )
  if (path.includes('+'))
    findings.push(
      fault(
        'plus-in-path',
        'a raw "+" stands in the path: S3 reads a space there, and signers write %2B',
      ),
    )
  if (/[!'()*]/.test(path))
    findings.push(
      warning(
        'raw-punctuation',
        "one of !'()* stands raw in the path: strict stores sign its percent-encoding",
      ),
    )
  if (/%(?:[a-f][\dA-Fa-f]|[\dA-F][a-f])/.test(path))
    findings.push(
      warning(
        'lower-case-encoding',
        'percent-encoding in lower case: the signature is over upper case',
      ),
    )
  if (path.includes('//'))
    findings.push(
      warning(
        'double-slash',
        'the path has "//": some proxies make one slash of it, and the signature breaks',
      ),
    )
  if (path.includes('\\') || /%5C/i.test(path))
    findings.push(
      warning('backslash', 'the key has a backslash: browsers make a slash of a raw one'),
    )
  return findings
}
