// The frame of every documentation page: the console's bar and stylesheet, no script, no other origin.

/** Text as HTML; `code` in backticks becomes an element. */
export function toHtml(text: string): string {
  const escaped = text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`)
  return escaped.replace(/`([^`]+)`/g, '<code>$1</code>')
}

export function toPage(title: string, lead: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${toHtml(title)} – Postern</title>
<link rel="icon" href="/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header class="bar">
  <a class="brand" href="/"><img src="/mark.svg" alt="" width="28" height="28"> Postern</a>
  <nav><a href="/docs/api">API</a> <a href="/docs/errors">Errors</a></nav>
</header>
<main class="page docs">
<h1>${toHtml(title)}</h1>
<p class="lead">${toHtml(lead)}</p>
${body}
</main>
</body>
</html>
`
}

export function toTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, texts: readonly string[]): string =>
    `<tr>${texts.map((text) => `<${tag}>${text}</${tag}>`).join('')}</tr>`
  return `<div class="scroll"><table><thead>${cells('th', head)}</thead><tbody>${rows
    .map((row) => cells('td', row))
    .join('')}</tbody></table></div>`
}
