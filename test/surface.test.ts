// The public surface as snapshots: routes, error codes, configuration names. Changing one is a visible decision.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROUTES } from '../src/app.ts'
import { configSchema } from '../src/config/schema.ts'
import { ERRORS } from '../src/contract/errors.ts'
import { VERSION } from '../src/version.ts'

const read = (path: string): string => readFileSync(join(import.meta.dirname, '..', path), 'utf8')

test('routes', () => {
  const routes = ROUTES.map(([method, path]) => `${method} ${path}`)
  expect(routes).toMatchInlineSnapshot(`
    [
      "GET /healthz",
      "GET /readyz",
      "GET /.well-known/jwks.json",
      "GET /.well-known/openid-configuration",
      "GET /o/*",
      "POST /v1/sign",
      "GET /v1/objects",
      "DELETE /v1/objects/*",
      "GET /v1/session",
      "POST /v1/session",
      "DELETE /v1/session",
      "POST /v1/uploads",
      "POST /v1/uploads/complete",
      "GET /v1/uploads/:id",
      "DELETE /v1/uploads/:id",
      "POST /v1/uploads/:id/parts",
      "POST /v1/uploads/:id/complete",
      "POST /v1/links",
      "GET /v1/links",
      "GET /v1/links/:id",
      "PATCH /v1/links/:id",
      "DELETE /v1/links/:id",
      "GET /l/:id",
      "POST /l/:id",
      "POST /l/:id/session",
      "POST /l/:id/uploads",
      "GET /l/:id/uploads/:upload",
      "DELETE /l/:id/uploads/:upload",
      "POST /l/:id/uploads/:upload/parts",
      "POST /l/:id/uploads/:upload/complete",
      "GET /l/:id/*",
      "POST /l/:id/*",
      "GET /s3/params",
      "POST /s3/multipart",
      "GET /s3/multipart/:id",
      "DELETE /s3/multipart/:id",
      "GET /s3/multipart/:id/batch",
      "GET /s3/multipart/:id/:partNumber",
      "POST /s3/multipart/:id/complete",
      "POST /v1/uppy/sign",
      "POST /v1/uppy/uploads",
      "GET /v1/uppy/uploads/:id",
      "POST /v1/uppy/uploads/:id",
      "DELETE /v1/uppy/uploads/:id",
    ]
  `)
})

test('error codes', () => {
  expect(Object.entries(ERRORS).map(([code, { status }]) => `${status} ${code}`))
    .toMatchInlineSnapshot(`
      [
        "400 invalid_request",
        "401 invalid_token",
        "403 forbidden",
        "403 link_denied",
        "404 not_found",
        "405 method_not_allowed",
        "409 conflict",
        "410 link_gone",
        "412 precondition_failed",
        "413 too_large",
        "415 unsupported_type",
        "416 range_not_satisfiable",
        "422 checksum_mismatch",
        "422 size_mismatch",
        "429 rate_limited",
        "500 internal",
        "501 unsupported_by_provider",
        "502 upstream_error",
        "503 misconfigured",
        "503 unavailable",
        "504 upstream_timeout",
      ]
    `)
})

test('configuration', () => {
  expect(Object.keys(configSchema.entries)).toMatchInlineSnapshot(`
    [
      "PUBLIC_URL",
      "ORIGINS",
      "ISSUERS",
      "SESSION",
      "BUCKETS",
      "GRANTS",
      "LIMITS",
      "UPPY",
      "WEBHOOK",
      "AUDIT",
    ]
  `)
})

test('package entries', () => {
  expect(Object.keys(JSON.parse(read('package.json')).exports)).toMatchInlineSnapshot(`
    [
      "./worker",
      "./uppy",
      "./client",
    ]
  `)
})

test('the version is that of the package', () => {
  expect(JSON.parse(read('package.json'))).toMatchObject({ version: VERSION })
})
