// The OpenAPI 3.1 document, made from the schemas that requests are checked against.
// https://spec.openapis.org/oas/v3.1.1.html
import { toJsonSchema } from '@valibot/to-json-schema'
import type * as v from 'valibot'
import { WHEN } from '../../src/contract/error-docs.ts'
import { ERRORS, type ErrorCode } from '../../src/contract/errors.ts'
import {
  type Answer,
  type ApiCall,
  COMMON_CODES,
  GUARDED_CODES,
} from '../../src/contract/api-call.ts'
import { API_CALLS } from '../../src/contract/operations.ts'
import { problem } from '../../src/contract/problem.ts'
import { VERSION } from '../../src/version.ts'

type Json = { readonly [name: string]: unknown }

/** Rules that JSON Schema cannot say (`check`) stand in the call's description. */
export function toSchema(schema: v.GenericSchema, typeMode: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = toJsonSchema(schema, {
    typeMode,
    target: 'draft-2020-12',
    errorMode: 'ignore',
  })
  return rest
}

const schemas = new Map<string, Json>()

function refer(name: string, schema: v.GenericSchema, typeMode: 'input' | 'output'): Json {
  schemas.set(name, toSchema(schema, typeMode))
  return { $ref: `#/components/schemas/${name}` }
}

function toContent(
  named: { readonly [name: string]: v.GenericSchema },
  typeMode: 'input' | 'output',
): Json {
  const references = Object.entries(named).map(([name, schema]) => refer(name, schema, typeMode))
  const [first] = references
  return { 'application/json': { schema: references.length === 1 ? first : { anyOf: references } } }
}

function toParameters(call: ApiCall): Json[] {
  const path = Object.entries(call.pathParameters ?? {}).map(([name, { schema, description }]) => ({
    name,
    in: 'path',
    required: true,
    description,
    schema: schema === undefined ? { type: 'string' } : toSchema(schema, 'input'),
  }))
  const query = Object.entries(call.query?.entries ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: schema.type !== 'optional',
    schema: toSchema(schema, 'input'),
  }))
  return [...path, ...query]
}

const HEADERS = {
  'X-Request-Id': { description: 'Finds the request in the log.', schema: { type: 'string' } },
}

function toAnswer({ description, schemas: bodies, mediaTypes = [], headers = {} }: Answer): Json {
  const texts = mediaTypes.map((mediaType) => ({ [mediaType]: { schema: { type: 'string' } } }))
  const content = bodies === undefined ? texts : [toContent(bodies, 'output'), ...texts]
  const own = Object.entries(headers).map(([name, text]) => [
    name,
    { description: text, schema: { type: 'string' } },
  ])
  return {
    description,
    headers: { ...HEADERS, ...Object.fromEntries(own) },
    ...(content.length > 0 && { content: Object.assign({}, ...content) }),
  }
}

/** One answer a status: several codes may share it. */
function toRefusals(codes: readonly ErrorCode[], otherType: string | undefined): Json {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of new Set(codes)) {
    const { status } = ERRORS[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  const entries = [...byStatus].map(([status, group]) => [
    status,
    {
      description: group.map((code) => `\`${code}\`: ${WHEN[code]}`).join('\n\n'),
      headers: HEADERS,
      content: {
        'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        ...(otherType !== undefined && { [otherType]: { schema: { type: 'string' } } }),
      },
    },
  ])
  return Object.fromEntries(entries)
}

function toOperation(call: ApiCall): Json {
  const answers = Object.entries(call.answers).map(([status, answer]) => [status, toAnswer(answer)])
  const codes = [...COMMON_CODES, ...(call.isGuarded ? GUARDED_CODES : []), ...call.codes]
  // A cookie session may do nothing unsafe from another site.
  if (call.isGuarded && !['get', 'head'].includes(call.method)) codes.push('forbidden')
  if (call.bodies !== undefined) codes.push('too_large')
  const parameters = toParameters(call)
  return {
    operationId: call.id,
    summary: call.summary,
    ...(call.description !== undefined && { description: call.description }),
    security: call.isGuarded ? [{ session: [] }] : [],
    ...(parameters.length > 0 && { parameters }),
    ...(call.bodies !== undefined && {
      requestBody: { required: true, content: toContent(call.bodies, 'input') },
    }),
    responses: { ...Object.fromEntries(answers), ...toRefusals(codes, call.refusalType) },
  }
}

export function toOpenApi(): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const call of API_CALLS) {
    const item = paths[call.path] ?? {}
    paths[call.path] = { ...item, [call.method]: toOperation(call) }
  }
  refer('Problem', problem, 'output')
  return {
    openapi: '3.1.1',
    info: {
      title: 'Postern',
      version: VERSION,
      description:
        'Private S3 buckets, opened by session tokens: every call is decided by grants and answered with pre-signed URLs.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      securitySchemes: {
        session: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'The session token that the application issues; never in a query.',
        },
      },
      schemas: Object.fromEntries(schemas),
    },
  }
}
