// What a link takes, in words for people.

const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB']

/** Decimal units, rounded down: nothing is promised that would be refused. */
export function toSizeWords(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3))
  return `${Math.floor((bytes / 1000 ** power) * 10) / 10} ${UNITS[power]}`
}

/** Families and kinds as people say them; empty where everything is taken. */
export function toTypeWords(types: readonly string[]): string {
  if (types.includes('*/*')) return ''
  return types
    .map((type) => {
      const [family = '', kind = ''] = type.split('/')
      if (type === 'text/plain') return 'plain text'
      return kind === '*' ? `any ${family}` : kind.replace(/^.*[.-]/, '').toUpperCase()
    })
    .join(', ')
}
