// Many URLs at once: a line each, an S3 URI alone or a JSON object with options of its own.
import { UsageError } from '../frame/usage.ts'
import { parseTarget, type Target } from './target.ts'
import { parseWish, type PresignOptions, type Wish } from './wish.ts'

export interface Job {
  readonly target: Target
  readonly wish: Wish
}

/** Members of a line beside `uri`: the options of the command in camelCase, as texts, numbers, lists or booleans. */
const NAMES: ReadonlySet<string> = new Set([
  'method',
  'expiresIn',
  'responseContentType',
  'responseContentDisposition',
  'responseCacheControl',
  'responseContentLanguage',
  'responseContentEncoding',
  'responseExpires',
  'versionId',
  'contentType',
  'contentLength',
  'checksum',
  'overwrite',
  'cacheControl',
  'contentDisposition',
  'contentEncoding',
  'storageClass',
  'metadata',
  'field',
])

function parseObject(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null) return { ...value }
  } catch {
    // Falls through: what is not JSON is no object.
  }
  throw new UsageError('expected an S3 URI or a JSON object')
}

function toMember(name: string, value: unknown): unknown {
  const isList = name === 'metadata' || name === 'field'
  if (!NAMES.has(name)) throw new UsageError('there is no such member')
  if (name === 'overwrite' && typeof value === 'boolean') return value
  if (isList && Array.isArray(value) && value.every((item) => typeof item === 'string'))
    return value
  if (!isList && name !== 'overwrite' && typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  throw new UsageError(`${name} is of the wrong type`)
}

function parseLine(line: string, options: PresignOptions): Job {
  if (!line.startsWith('{')) return { target: parseTarget(line), wish: parseWish(options) }
  const { uri, ...members } = parseObject(line)
  if (typeof uri !== 'string') throw new UsageError('uri is needed')
  const own = Object.entries(members).map(([name, value]) => [
    name === 'method' ? 'httpMethod' : name,
    toMember(name, value),
  ])
  return {
    target: parseTarget(uri),
    wish: parseWish({ ...options, ...Object.fromEntries(own) }),
  }
}

/** All lines, or what is wrong with the first bad one; empty lines are none. */
export function parseBatch(text: string, options: PresignOptions): readonly Job[] {
  return text.split('\n').flatMap((raw, index) => {
    const line = raw.replace(/\r$/, '')
    if (line === '') return []
    try {
      return [parseLine(line, options)]
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      throw new UsageError(`line ${index + 1}: ${error.message}`)
    }
  })
}
