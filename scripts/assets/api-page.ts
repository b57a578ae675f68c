// docs/api: the calls of the gateway to read, made of the same data as the OpenAPI document.
import type * as v from 'valibot'
import { ERRORS } from '../../src/contract/errors.ts'
import type { Answer, ApiCall } from '../../src/contract/api-call.ts'
import { API_CALLS } from '../../src/contract/operations.ts'
import { toHtml, toTable } from './layout.ts'
import { toSchema } from './openapi.ts'

interface JsonSchema {
  readonly type?: string
  readonly description?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: { readonly [name: string]: JsonSchema }
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly oneOf?: readonly JsonSchema[]
  readonly anyOf?: readonly JsonSchema[]
  readonly additionalProperties?: unknown
}

function toRange(unit: string, least: number | undefined, most: number | undefined): string {
  if (least === undefined && most === undefined) return ''
  if (most === undefined || most === Number.MAX_SAFE_INTEGER) return `, at least ${least}${unit}`
  return `, ${least ?? 0} to ${most}${unit}`
}

/** The type in a few words. */
function toWords(schema: JsonSchema): string {
  if (schema.description !== undefined) return toHtml(schema.description)
  if (schema.const !== undefined) return `<code>${JSON.stringify(schema.const)}</code>`
  if (schema.enum !== undefined)
    return schema.enum.map((value) => `<code>${toHtml(String(value))}</code>`).join(', ')
  const choices = schema.oneOf ?? schema.anyOf
  if (choices !== undefined) return choices.map(toWords).join(' or ')
  if (schema.type === 'array')
    return `list of ${toWords(schema.items ?? {})}${toRange('', schema.minItems, schema.maxItems)}`
  if (schema.type === 'object' && schema.properties === undefined) return 'object of texts'
  if (schema.type === 'string')
    return `text${toRange(' characters', schema.minLength, schema.maxLength)}`
  return `${schema.type ?? 'any value'}${toRange('', schema.minimum, schema.maximum)}`
}

function toRows(schema: JsonSchema, prefix: string): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const isRequired = schema.required?.includes(name) === true
    const row = [`<code>${prefix}${name}</code>`, isRequired ? 'yes' : '', toWords(member)]
    const inner = member.type === 'array' ? member.items : member
    const path = `${prefix}${name}${member.type === 'array' ? '[].' : '.'}`
    return [row, ...(inner?.properties === undefined ? [] : toRows(inner, path))]
  })
}

function toShape(name: string, schema: v.GenericSchema, mode: 'input' | 'output'): string {
  const json: JsonSchema = toSchema(schema, mode)
  const variants = json.oneOf ?? [json]
  return variants
    .map((variant) => {
      const method = variant.properties?.['method']?.const
      const title = method === undefined ? name : `${name}, ${String(method)}`
      const table = toTable(['member', 'required', 'value'], toRows(variant, ''))
      return `<h4>${toHtml(title)}</h4>${table}`
    })
    .join('')
}

function toAnswerRow([status, { description, headers }]: [string, Answer]): string[] {
  const names = Object.keys(headers ?? {}).map((name) => `<code>${name}</code>`)
  return [status, [toHtml(description), ...names].join(' ')]
}

function toCall(call: ApiCall): string {
  const parameters = [
    ...Object.entries(call.pathParameters ?? {}).map(([name, { description }]) => [
      `<code>${name}</code>`,
      'path',
      'yes',
      toHtml(description),
    ]),
    ...Object.entries(call.query?.entries ?? {}).map(([name, schema]) => [
      `<code>${name}</code>`,
      'query',
      schema.type === 'optional' ? '' : 'yes',
      toWords(toSchema(schema, 'input')),
    ]),
  ]
  const answers = Object.entries(call.answers).map(toAnswerRow)
  const refusals = call.codes.map((code) => [
    String(ERRORS[code].status),
    `<a href="/docs/errors#${code}"><code>${code}</code></a>`,
  ])
  const bodies = Object.entries(call.bodies ?? {}).map(([name, body]) =>
    toShape(name, body, 'input'),
  )
  const results = Object.values(call.answers).flatMap(({ schemas }) =>
    Object.entries(schemas ?? {}).map(([name, schema]) => toShape(name, schema, 'output')),
  )
  const section = (title: string, parts: readonly string[]): string =>
    parts.length === 0 ? '' : `<h3>${title}</h3>${parts.join('')}`
  return `<section class="call">
<h2 id="${call.id}"><span class="method">${call.method}</span> <code>${toHtml(call.path)}</code></h2>
<p>${toHtml(call.summary)}.${call.isGuarded ? '' : ' Needs no token.'} ${toHtml(call.description ?? '')}</p>
${parameters.length === 0 ? '' : toTable(['parameter', 'in', 'required', 'value'], parameters)}
${section('Body', bodies)}
<h3>Answers</h3>${toTable(['status', ''], [...answers, ...refusals])}
${section('Answer bodies', results)}
</section>`
}

export function toApiBody(): string {
  const index = API_CALLS.map(
    ({ id, method, path }) =>
      `<li><a href="#${id}"><span class="method">${method}</span> <code>${toHtml(path)}</code></a></li>`,
  )
  const lead =
    'Calls carry the session token of your application as `Authorization: Bearer …`, bodies are JSON, refusals are problems with stable codes.'
  const intro = `<p>The same for machines: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1).</p><ul class="index">${index.join('')}</ul>`
  const head = `<h1>API</h1>\n<p class="lead">${toHtml(lead)}</p>\n`
  return head + intro + API_CALLS.map(toCall).join('\n')
}
