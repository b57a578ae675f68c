// Answers of /v1/links, checked against the contract before they are shown.
import * as v from 'valibot'
import { linkAnswer, type LinkAnswer, linksAnswer, type LinksAnswer } from '../../contract/link.ts'
import { Failure } from '../frame/usage.ts'

function read<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const parsed = v.safeParse(schema, value)
  if (!parsed.success)
    throw new Failure('the gateway answers in another form than this command knows')
  return parsed.output
}

export const toLink = (value: unknown): LinkAnswer => read(linkAnswer, value)
export const toLinks = (value: unknown): LinksAnswer => read(linksAnswer, value)
