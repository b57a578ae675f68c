// What refusals of links say in public.
import type { ErrorCode } from '../contract/errors.ts'

export const LINK_ANSWERS = {
  not_found: 'There is no such link.',
  link_gone: 'The link is gone.',
  link_denied: 'The link does not open here and now.',
  range_not_satisfiable: 'The range is outside.',
  precondition_failed: 'It does not hold.',
} as const satisfies Partial<Record<ErrorCode, string>>
export type LinkCode = keyof typeof LINK_ANSWERS

export const LINKS_UNAVAILABLE = {
  code: 'unavailable',
  detail: 'Links cannot be read at the moment.',
  headers: { 'Retry-After': '5' },
} as const
