// What the OpenAPI document says of an answer: its status, media type, schema and headers, and how every refusal looks.
import { ROUTES } from '../../../src/app.ts'
import { ERRORS } from '../../../src/contract/errors.ts'
import { type ApiOperation, compile, operations } from '../api-document.ts'
import type { Call, Reply } from './call.ts'

/** As in the route table: parameters are segments, a star is everything below, or nothing. */
function toPattern(path: string): RegExp {
  const source = path.replace(/\/\*$/, '(?:/.*)?').replaceAll(/:\w+/g, '[^/]+')
  return new RegExp(`^${source}$`)
}

const routes = ROUTES.map(([method, path]) => ({ method, path, pattern: toPattern(path) }))

const toRoute = (path: string): string =>
  path.replace(/\{bucket\}\/\{key\}|\{path\}/, '*').replaceAll(/\{(\w+)\}/g, ':$1')
const described = new Map(
  operations.map(({ path, method, operation }) => [
    `${method.toUpperCase()} ${toRoute(path)}`,
    operation,
  ]),
)

type Expected =
  | { readonly kind: 'operation'; readonly operation: ApiOperation }
  | { readonly kind: 'method' }
  | { readonly kind: 'nothing' }

/** What the table of routes makes of a request. A slash at the end is part of a path. */
export function findExpected({ method, target }: Call): Expected {
  // The platform resolves dot segments before a Worker sees the path (WHATWG URL).
  const path = new URL(`http://gateway${target}`).pathname
  const raw = path.length > 1 && path.endsWith('/') ? `${path}/` : path
  const fitting = routes.filter(({ pattern }) => pattern.test(raw))
  if (fitting.length === 0) return { kind: 'nothing' }
  const asked = method === 'HEAD' ? 'GET' : method
  const route = fitting.find((entry) => entry.method === asked)
  if (route === undefined) return { kind: 'method' }
  const operation =
    described.get(`${method} ${route.path}`) ?? described.get(`${asked} ${route.path}`)
  if (operation === undefined) throw new Error(`not described: ${method} ${route.path}`)
  return { kind: 'operation', operation }
}

const ALWAYS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
}

function findHeaderFault({ status, headers }: Reply): string | null {
  if (!/^[\w-]{16}$/.test(headers.get('X-Request-Id') ?? '')) return 'no X-Request-Id'
  for (const [name, value] of Object.entries(ALWAYS))
    if (headers.get(name) !== value) return `${name}: ${headers.get(name)}`
  if (!headers.has('Content-Security-Policy')) return 'no Content-Security-Policy'
  if (headers.get('Vary')?.includes('Origin') !== true) return 'Vary lacks Origin'
  if (!headers.has('Cache-Control')) return 'no Cache-Control'
  if (status === 401 && headers.get('WWW-Authenticate')?.startsWith('Bearer') !== true)
    return '401 without WWW-Authenticate'
  if (status === 405 && !headers.has('Allow')) return '405 without Allow'
  if (status === 429 && !headers.has('Retry-After')) return '429 without Retry-After'
  if (status >= 400 && headers.get('Cache-Control') !== 'no-store') return 'a refusal to be kept'
  return null
}

const PROBLEM = compile({ $ref: '#/components/schemas/Problem' })

/** A refusal is a problem of RFC 9457 whose members agree with the answer. */
function findProblemFault(reply: Reply, base: string): string | null {
  const problem: unknown = JSON.parse(reply.body.toString())
  if (!PROBLEM(problem)) return `not a problem: ${JSON.stringify(PROBLEM.errors)}`
  // The schema has just said so.
  const { status, code, type, requestId, errors } = problem as {
    status: number
    code: keyof typeof ERRORS
    type: string
    requestId: string
    errors?: { pointer: string }[]
  }
  if (status !== reply.status || ERRORS[code].status !== status) return `${code} with ${status}`
  if (requestId !== reply.headers.get('X-Request-Id')) return 'another request id'
  const isOfLimits = type.startsWith('https://iana.org/assignments/http-problem-types#')
  if (!isOfLimits && type !== `${base}/docs/errors#${code}`) return `type ${type}`
  // A JSON pointer into the body, or the name of a parameter or header.
  const isPointer = (text: string): boolean =>
    text === '' || text.startsWith('/') || /^[\w-]+$/.test(text)
  return errors?.every(({ pointer }) => isPointer(pointer)) === false ? 'no JSON pointer' : null
}

function findBodyFault(call: Call, reply: Reply, operation: ApiOperation): string | null {
  const answer = operation.responses[String(reply.status)]
  if (answer === undefined) return `status ${reply.status} is not described`
  if (call.method === 'HEAD') return reply.body.length === 0 ? null : 'a body for HEAD'
  const mediaType = reply.headers.get('Content-Type')?.split(';', 1)[0] ?? ''
  if (answer.content === undefined)
    return reply.body.length === 0 ? null : `a body that is not described: ${mediaType}`
  const schema = answer.content[mediaType]?.schema ?? answer.content['*/*']?.schema
  if (schema === undefined) return `media type ${mediaType} is not described`
  if (!/^application\/(?:problem\+)?json$/.test(mediaType)) return null
  const validate = compile(schema)
  return validate(JSON.parse(reply.body.toString())) ? null : JSON.stringify(validate.errors)
}

/** Targets that are no URI (RFC 3986): workerd itself refuses some of them, before any Worker. */
const NO_URI = /[^\w\-.~:/?#[\]@!$&'()*+,;=%]|%(?![\da-f]{2})/i

/** Why this answer is wrong; null when it is as described, and no failure. */
export function findFault(call: Call, reply: Reply, base: string): string | null {
  if ([500, 502, 503, 504].includes(reply.status)) return `status ${reply.status}`
  return findMisfit(call, reply, base)
}

/** In what the answer differs from the document; null when it is as described. */
export function findMisfit(call: Call, reply: Reply, base: string): string | null {
  const isOurs = reply.headers.has('X-Request-Id')
  if (!isOurs && reply.status === 400 && NO_URI.test(call.target)) return null
  const fault = findHeaderFault(reply)
  if (fault !== null) return fault
  const isPreflight =
    call.method === 'OPTIONS' &&
    call.headers.some(([name]) => name === 'Access-Control-Request-Method')
  if (isPreflight) return reply.status === 204 ? null : `preflight: ${reply.status}`
  const mediaType = reply.headers.get('Content-Type') ?? ''
  if (mediaType === 'application/problem+json' && call.method !== 'HEAD') {
    const wrong = findProblemFault(reply, base)
    if (wrong !== null) return wrong
  }
  const expected = findExpected(call)
  if (expected.kind === 'operation') return findBodyFault(call, reply, expected.operation)
  if (expected.kind === 'method') return reply.status === 405 ? null : `${reply.status}, not 405`
  // Pages and documents are assets.
  const isAsset = ['GET', 'HEAD'].includes(call.method) && [200, 304, 307].includes(reply.status)
  return reply.status === 404 || isAsset ? null : `${reply.status}, not 404`
}
