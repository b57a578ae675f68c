// The OpenAPI document as it is built, typed as far as tests read it, with its schemas compiled.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { toOpenApi } from '../../scripts/assets/openapi.ts'
import type { JsonSchema } from './from-schema.ts'

interface Content {
  readonly [mediaType: string]: { readonly schema: JsonSchema }
}
export interface ApiOperation {
  readonly operationId: string
  readonly security: readonly unknown[]
  readonly parameters?: readonly {
    readonly name: string
    readonly in: 'path' | 'query'
    readonly required: boolean
    readonly schema: JsonSchema
  }[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: { readonly [status: string]: { readonly content?: Content } }
}
interface ApiDocument {
  readonly openapi: string
  readonly paths: { readonly [path: string]: { readonly [method: string]: ApiOperation } }
  readonly components: { readonly schemas: { readonly [name: string]: JsonSchema } }
}

// What the generator makes is plain data of this shape; a test compiles every schema in it.
export const document = toOpenApi() as unknown as ApiDocument

export const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
)

export function resolveSchema(ref: string): JsonSchema {
  const schema = document.components.schemas[ref.replace('#/components/schemas/', '')]
  if (schema === undefined) throw new Error(`no schema ${ref}`)
  return schema
}

const ajv = new Ajv2020({
  strict: true,
  allErrors: true,
  allowUnionTypes: true,
  formats: {
    'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
  },
})
ajv.addSchema({ $id: 'document', components: document.components })
ajv.addKeyword('components')

const compiled = new Map<string, ValidateFunction>()

/** A validator of what stands at this place of the document, made once. */
export function compile(schema: JsonSchema): ValidateFunction {
  const text = JSON.stringify(schema).replaceAll('"#/components', '"document#/components')
  const validate = compiled.get(text) ?? ajv.compile(JSON.parse(text))
  compiled.set(text, validate)
  return validate
}
