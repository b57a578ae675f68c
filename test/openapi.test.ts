// The OpenAPI document against the routes, both ways, and against JSON Schema itself.
import { expect, test } from 'vitest'
import { ROUTES } from '../src/app.ts'
import { ERRORS } from '../src/contract/errors.ts'
import { compile, document, operations } from './support/api-document.ts'

/** Paths as the router writes them. */
function toRoute(path: string): string {
  return path.replace(/\{bucket\}\/\{key\}|\{path\}/, '*').replaceAll(/\{(\w+)\}/g, ':$1')
}

test('every route is described, and every description has its route', () => {
  const described = operations
    // GET answers HEAD as well; only where it means something of its own it is described.
    .filter(({ method }) => method !== 'head')
    .map(({ path, method }) => `${method.toUpperCase()} ${toRoute(path)}`)
  const routed = ROUTES.map(([method, path]) => `${method} ${path}`)
  expect(described.toSorted()).toEqual(routed.toSorted())
})

test('guarded routes are those that ask for a token', () => {
  for (const { path, method, operation } of operations) {
    const route = ROUTES.find(
      ([candidate, at]) =>
        at === toRoute(path) && (candidate.toLowerCase() === method || method === 'head'),
    )
    expect([path, operation.security.length > 0]).toEqual([path, route?.[3] !== 'none'])
  }
})

test('ids are unique, every schema compiles, every code has an answer somewhere', () => {
  expect(document.openapi).toBe('3.1.1')
  const ids = operations.map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  const statuses = new Set<string>()
  for (const { operation } of operations) {
    for (const [status, { content = {} }] of Object.entries(operation.responses)) {
      statuses.add(status)
      for (const { schema } of Object.values(content))
        expect(compile(schema)).toBeTypeOf('function')
    }
    for (const { schema } of Object.values(operation.requestBody?.content ?? {}))
      expect(compile(schema)).toBeTypeOf('function')
  }
  // Of no call: a path or method that does not exist, a version that does not match.
  const ofNoCall = ['405', '412']
  const expected = Object.values(ERRORS).map(({ status }) => String(status))
  expect(expected.filter((status) => !statuses.has(status) && !ofNoCall.includes(status))).toEqual(
    [],
  )
})
