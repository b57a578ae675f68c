// Builds the static assets that the Worker serves into dist/assets.
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ERRORS } from '../src/contract/errors.ts'

const root = join(import.meta.dirname, '..')
const out = join(root, 'dist/assets')
await rm(out, { recursive: true, force: true })
await mkdir(out, { recursive: true })
await cp(join(root, 'public'), out, { recursive: true })

/** Where the `type` of a problem leads: one entry for each code. */
function toErrorsPage(): string {
  const escape = (text: string): string =>
    text.replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`)
  const entries = Object.entries(ERRORS).map(
    ([code, { status, title, when }]) =>
      `<h2 id="${code}">${status} ${code}</h2>\n<p>${escape(title)}. ${escape(when.replaceAll('`', ''))}</p>`,
  )
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Errors – Postern</title>
<h1>Errors</h1>
<p>Every error is application/problem+json (RFC 9457) with one of these codes.</p>
${entries.join('\n')}
</html>
`
}

await mkdir(join(out, 'docs'))
await writeFile(join(out, 'docs/errors.html'), toErrorsPage())
