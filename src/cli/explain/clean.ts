// A URL as it was found: what mail, chat, shells and documents do to it is undone, and named.
import { fault, type Finding, note, warning } from './finding.ts'

export interface Cleaned {
  readonly url: string
  readonly findings: readonly Finding[]
}

interface Step {
  /** What the text becomes; the same text where nothing was done to it. */
  readonly undo: (text: string) => string
  readonly finding: Finding
}

/** The URL that a link checker of a mail system put into one of its own. */
function unwrap(text: string): string {
  const inner = /[?&](?:url|u|q|target)=(https?%3A%2F%2F[^&\s]+)/i.exec(text)?.[1]
  if (inner === undefined || /[?&]X-Amz-Algorithm=/.test(text)) return text
  try {
    return decodeURIComponent(inner)
  } catch {
    return text
  }
}

/** Encoded once more as a whole: the separators of the credential show it. */
function decodeOnce(text: string): string {
  if (!/(?:X-Amz-Credential=[^&]*%252F|%26X-Amz-|%3FX-Amz-)/i.test(text)) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const STEPS: readonly Step[] = [
  {
    undo: (text) => text.replace(/(?:…|\.{3,})\s*$/, ''),
    finding: fault(
      'truncated',
      'the URL ends in an ellipsis: a chat or a column showed its beginning only',
    ),
  },
  {
    undo: (text) => text.replace(/[\r\n]+$/, ''),
    finding: note(
      'trailing-newline',
      'a line break follows the URL, as at the end of any file: code that reads it must cut it off, or S3 sees it',
    ),
  },
  {
    undo: (text) =>
      text.replace(/^[\s"'`<([“‘«]+(?=https?:)/, '').replace(/[\s"'`>)\]”’».,;:!]+$/, ''),
    finding: fault(
      'trailing-text',
      'white space, quotes, brackets or punctuation stand around the URL: they are not part of it, and after the signature they break it',
    ),
  },
  {
    undo: (text) => text.replaceAll('=3D', '=').replaceAll(/=\r?\n/g, ''),
    finding: fault(
      'quoted-printable',
      'the URL is in the coding of mails (=3D for =): take it from the decoded message',
    ),
  },
  {
    undo: (text) => text.replaceAll(/\s*[\r\n]\s*/g, ''),
    finding: fault('line-breaks', 'the URL was wrapped over several lines: it must be one'),
  },
  {
    undo: unwrap,
    finding: fault(
      'wrapped',
      'a link checker put the URL into one of its own; it may have opened it, too: send it as text, or as a file',
    ),
  },
  {
    undo: (text) => text.replaceAll(/&(?:amp|#38|#x26);/gi, '&'),
    finding: fault(
      'html-entities',
      'the URL was taken from HTML or XML source: &amp; must be read as &, else S3 sees parameters such as "amp;X-Amz-Date"',
    ),
  },
  {
    undo: (text) =>
      text
        .replaceAll(/\\u0026/gi, '&')
        .replaceAll(/\\([&?=])/g, '$1')
        .replaceAll('\\/', '/'),
    finding: fault(
      'escaped',
      'the URL was taken from JSON source or a shell: \\u0026 and backslashes must be read first',
    ),
  },
  {
    undo: decodeOnce,
    finding: fault(
      'double-encoded',
      'the URL was percent-encoded once more as a whole (%252F, %26): it is sent as it was signed, never encoded again',
    ),
  },
  {
    undo: (text) => text.replace(/#[^]*$/, ''),
    finding: fault(
      'fragment',
      'the URL holds a "#": what follows is never sent; in a key it must be %23',
    ),
  },
]

/** White space and invisible characters inside of a URL come from documents; a raw space ends it in HTTP. */
const ODD = /[\s\u200b-\u200f\u2028-\u202f\u2060\ufeff\u00ad]/u

export function cleanUrl(text: string): Cleaned {
  const findings: Finding[] = []
  let url = text
  for (const { undo, finding } of STEPS) {
    const next = undo(url)
    if (next !== url) findings.push(finding)
    url = next
  }
  if (ODD.test(url))
    findings.push(
      fault(
        'white-space',
        'white space or invisible characters stand in the URL: in a key a space must be %20',
      ),
    )
  else if (/[^\x20-\x7e]/.test(url))
    findings.push(
      warning(
        'not-ascii',
        'the URL holds raw characters beyond ASCII: clients encode them in different ways; they must be percent-encoded UTF-8',
      ),
    )
  return { url, findings }
}
