// Clears what stands below a staging prefix: exactly that version, so that a versioned bucket keeps no hidden copy.
import type { ObjectStore, StoreFault } from '../../ports.ts'
import type { OwnPermit } from '../policy/decide.ts'
import { ok, type Result } from '../result.ts'

export async function clearStaged(
  store: Pick<ObjectStore, 'head' | 'remove'>,
  permit: OwnPermit,
): Promise<Result<null, StoreFault>> {
  const stored = await store.head(permit)
  // 403 is said of what is missing where the key may not list.
  if (!stored.ok && !(stored.error.reason === 'status' && stored.error.status === 403))
    return stored
  if (!stored.ok || stored.value === null) return ok(null)
  return store.remove(permit, stored.value.versionId)
}
