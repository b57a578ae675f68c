// /v1/objects: lists below a granted prefix, and deletes through the gateway.
import { deleteQuery, type ObjectsAnswer, objectsQuery } from '../../contract/objects.ts'
import { parseKeyPrefix, parseRawObjectKey } from '../../core/policy/key.ts'
import type { Ctx } from '../env.ts'
import { invalid, readQuery } from '../input.ts'
import { limitBySubject } from '../middleware/limit.ts'
import { authorise, judgeVersion } from '../middleware/permit.ts'
import { splitObjectPath } from '../path.ts'
import { refuse } from '../problem.ts'

const PAGE = 1000

export async function listObjects(c: Ctx): Promise<Response> {
  const query = readQuery(c.req.raw, objectsQuery)
  if (!query.ok) return refuse(c, query.error)
  const { bucket, cursor, limit = PAGE } = query.value
  const prefix = parseKeyPrefix(query.value.prefix)
  if (!prefix.ok) return refuse(c, invalid('/prefix', `the prefix ${prefix.error}`))
  const permit = authorise(c, { action: 'list', bucket, prefix: prefix.value })
  if (!permit.ok) return refuse(c, permit.error)
  const limited = await limitBySubject(c, 'list', bucket)
  if (limited !== null) return refuse(c, limited)
  const page = { limit, ...(cursor !== undefined && { cursor }) }
  const listing = await c.var.deps.store.list(permit.value, page)
  if (!listing.ok) return refuse(c, { kind: 'store', fault: listing.error })
  const { objects, prefixes } = listing.value
  const answer: ObjectsAnswer = { ...listing.value, objects: [...objects], prefixes: [...prefixes] }
  return c.json(answer)
}

export async function deleteObject(c: Ctx): Promise<Response> {
  const { bucket, rawKey } = splitObjectPath(c.req.path, '/v1/objects/')
  const key = parseRawObjectKey(rawKey)
  if (!key.ok) return refuse(c, invalid('/key', `the key ${key.error}`))
  const query = readQuery(c.req.raw, deleteQuery)
  if (!query.ok) return refuse(c, query.error)
  const { versionId } = query.value
  const permit = authorise(c, {
    action: 'delete',
    bucket,
    key: key.value,
    options: versionId === undefined ? [] : ['versionId-delete'],
  })
  if (!permit.ok) return refuse(c, permit.error)
  const unversioned = judgeVersion(permit.value, versionId)
  if (unversioned !== null) return refuse(c, unversioned)
  const limited = await limitBySubject(c, 'delete', bucket)
  if (limited !== null) return refuse(c, limited)
  const removed = await c.var.deps.store.remove(permit.value, versionId)
  return removed.ok ? c.body(null, 204) : refuse(c, { kind: 'store', fault: removed.error })
}
