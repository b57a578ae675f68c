// Why an object was not fetched, in words and as a code.
import { PosternError } from '../../client/error.ts'
import { Failure } from '../frame/usage.ts'

export interface Fault {
  readonly code: string
  readonly status: number
  readonly requestId: string
  readonly reason: string
}

function toReason({ code, message }: PosternError): string {
  if (code === 'cors' || code === 'timeout')
    return 'there is no answer from the gateway or the storage'
  if (code === 'precondition_failed') return 'it changes too often to be fetched whole'
  if (code === 'checksum_mismatch') return 'what came is not what the storage names, twice'
  return message
}

/** Null of a bug. */
export function toFault(error: unknown): Fault | null {
  if (error instanceof PosternError) {
    const { code, status, requestId } = error
    return { code, status, requestId, reason: toReason(error) }
  }
  const own = { status: 0, requestId: '' }
  if (error instanceof Failure)
    return { ...own, code: String(error.data['code'] ?? 'failed'), reason: error.message }
  // Of the file system: its text names paths, its code says enough.
  if (error instanceof Error && 'code' in error && /^E[A-Z]+$/.test(String(error.code)))
    return { ...own, code: 'disk', reason: `the disk refuses: ${String(error.code)}` }
  return null
}
