// Code as HTML: comments and texts get a class each, which is all the colour that short examples need.
import { escapeHtml } from '../assets/layout.ts'

const HASH = /(?<=^|\s)#.*$/
const SLASHES = /(?<=^|\s)\/\/.*$/
const COMMENTS: { readonly [language: string]: RegExp } = {
  sh: HASH,
  toml: HASH,
  python: HASH,
  js: SLASHES,
  ts: SLASHES,
  html: /<!--.*?-->/,
}
const TEXT = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/

export function highlight(code: string, language: string): string {
  const comment = COMMENTS[language]
  if (comment === undefined) return escapeHtml(code)
  const pattern = new RegExp(`(${comment.source})|(${TEXT.source})`, 'gm')
  let html = ''
  let end = 0
  for (const match of code.matchAll(pattern)) {
    const kind = match[1] === undefined ? 'text' : 'comment'
    html += `${escapeHtml(code.slice(end, match.index))}<span class="${kind}">${escapeHtml(match[0])}</span>`
    end = match.index + match[0].length
  }
  return html + escapeHtml(code.slice(end))
}
