// The fenced blocks of a document: what they are, and why one is not run, which a comment before it says.

export interface Block {
  readonly language: string
  readonly text: string
  /** The line that it begins at. */
  readonly line: number
  /** Why it cannot be run; undefined when it can. */
  readonly reason: string | undefined
}

export function findBlocks(markdown: string): Block[] {
  const pattern = /(?:<!-- not run: ([^]*?) -->\n)?^```(\w*)\n([^]*?)^```$/gm
  return [...markdown.matchAll(pattern)].map((match) => ({
    language: match[2] ?? '',
    text: match[3] ?? '',
    line: markdown.slice(0, match.index).split('\n').length,
    reason: match[1],
  }))
}
