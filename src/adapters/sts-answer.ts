// The answer of a security token service: credentials exactly as the protocol documents them, or nothing.
import type { Credentials } from '../core/sign/bucket.ts'
import type { RoleRequest } from '../core/sign/role.ts'
import { childrenOf, parseAnswer, textOf } from './s3-xml.ts'
import type { XmlElement } from './xml.ts'

export type TemporaryCredentials = Credentials & { readonly expiresAtSeconds: number }

/** The one child of that name; null where it is missing or stands twice. */
function onlyChild(element: XmlElement | null, name: string): XmlElement | null {
  const [first, second] = element === null ? [] : childrenOf(element, name)
  return first === undefined || second !== undefined ? null : first
}

/** Seconds since 1970 of an xsd:dateTime in UTC, its fraction dropped; NaN for anything else. */
function toSeconds(text: string): number {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?Z$/.exec(text)
  return match === null ? Number.NaN : Date.parse(`${match[1]}Z`) / 1000
}

/** What stands in ResponseElement/ResultElement/Credentials, each part once and well-formed. */
export function toTemporaryCredentials(
  text: string,
  action: RoleRequest['action'],
): TemporaryCredentials | null {
  const root = parseAnswer(text)
  if (root?.name !== `${action}Response`) return null
  const found = onlyChild(onlyChild(root, `${action}Result`), 'Credentials')
  const read = (name: string): string => onlyChild(found, name)?.text ?? ''
  const [accessKeyId, secretAccessKey] = [read('AccessKeyId'), read('SecretAccessKey')]
  const sessionToken = read('SessionToken')
  const expiresAtSeconds = toSeconds(read('Expiration'))
  // They go into URLs and headers: visible ASCII, and a token that leaves room for the rest of the URL.
  const isPlain = [accessKeyId, secretAccessKey].every((value) =>
    /^[\x21-\x7e]{1,256}$/.test(value),
  )
  if (!isPlain || !/^[\x21-\x7e]{1,4096}$/.test(sessionToken) || Number.isNaN(expiresAtSeconds))
    return null
  return { accessKeyId, secretAccessKey, sessionToken, expiresAtSeconds }
}

/** The service's own code, such as AccessDenied, of `ErrorResponse/Error` (AWS) or `Error` (Ceph). */
export function toStsCode(text: string): string {
  const root = parseAnswer(text)
  const error = root?.name === 'ErrorResponse' ? onlyChild(root, 'Error') : root
  const code = error?.name === 'Error' ? textOf(error, 'Code') : ''
  return /^\w{1,64}$/.test(code) ? code : ''
}
