// GET|HEAD /o/{bucket}/{key}: a redirect to a signed URL, or that URL as JSON.
import { downloadQuery } from '../../contract/sign.ts'
import { parseRawObjectKey } from '../../core/policy/key.ts'
import { toResponseQuery } from '../../core/sign/disposition.ts'
import { signRead } from '../../core/sign/requests.ts'
import type { Ctx } from '../env.ts'
import { invalid, readQuery } from '../input.ts'
import { limitBySubject } from '../middleware/limit.ts'
import { authorise, judgeVersion, noteSigned, toSigning } from '../middleware/permit.ts'
import { splitObjectPath } from '../path.ts'
import { refuse } from '../problem.ts'

/** Whether the client asks for JSON before anything else: `fetch`, which must not be redirected. */
export function wantsJson(accept: string | undefined): boolean {
  return /(^|,)\s*application\/json\s*(;|,|$)/i.test(accept ?? '')
}

export async function download(c: Ctx): Promise<Response> {
  const { bucket, rawKey } = splitObjectPath(c.req.path, '/o/')
  const key = parseRawObjectKey(rawKey)
  if (!key.ok) return refuse(c, invalid('/key', `the key ${key.error}`))
  const query = readQuery(c.req.raw, downloadQuery)
  if (!query.ok) return refuse(c, query.error)
  const permit = authorise(c, { action: 'read', bucket, key: key.value })
  if (!permit.ok) return refuse(c, permit.error)
  const unversioned = judgeVersion(permit.value, query.value.versionId)
  if (unversioned !== null) return refuse(c, unversioned)
  const limited = await limitBySubject(c, 'read', bucket)
  if (limited !== null) return refuse(c, limited)

  const method = c.req.method === 'HEAD' ? 'HEAD' : 'GET'
  const { expiresIn, versionId, disposition, filename } = query.value
  const overrides =
    method === 'HEAD'
      ? new Map<string, string>()
      : toResponseQuery(permit.value.grant.inline, key.value, {}, { disposition, filename })
  if (versionId !== undefined) overrides.set('versionId', versionId)
  const signing = await toSigning(c, permit.value)
  const signed = await signRead(permit.value, method, overrides, expiresIn, signing)
  if (!signed.ok) return refuse(c, { kind: 'sign', fault: signed.error })
  noteSigned(c.get('record'), signed.value)
  const Vary = 'Accept'
  return wantsJson(c.req.header('Accept'))
    ? Response.json(signed.value, { headers: { Vary } })
    : new Response(null, { status: 302, headers: { Vary, Location: signed.value.url } })
}
