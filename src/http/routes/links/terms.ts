// From what a caller asks of a link to what is stored: its life within the grants, its networks, its password.
import {
  DOWNLOAD_TERMS,
  type LinkBody,
  type LinkPatch,
  type UploadTerms,
} from '../../../contract/link.ts'
import { parseNetwork } from '../../../core/link/address.ts'
import { hashPassword, SALT_BYTES, toPassword } from '../../../core/link/password.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import type { Ctx } from '../../env.ts'
import { invalid } from '../../input.ts'
import type { Failure } from '../../failure.ts'
import type { Target } from './target.ts'

type Life = Pick<LinkBody, 'expiresIn' | 'expiresAt'>

/** The second of its end: what was asked, or the longest that the grants let a link live, whichever is sooner. */
export function toEnd(
  c: Ctx,
  { expiresIn, expiresAt }: Life,
  target: Target,
  createdAtSeconds: number,
): Result<number, Failure> {
  const now = Math.floor(c.var.deps.clock.now() / 1000)
  const asked =
    expiresIn === undefined ? Math.floor(Date.parse(expiresAt ?? '') / 1000) : now + expiresIn
  if (!(asked > now) || (expiresIn !== undefined && expiresAt !== undefined))
    return err(invalid('/expiresAt', 'expected one of `expiresIn` and `expiresAt`, to come'))
  return ok(Math.min(asked, createdAtSeconds + target.maxLifeSeconds))
}

/** What schemas cannot see. */
export function checkTerms({ cidrs }: Pick<LinkPatch, 'cidrs'>): Failure | null {
  const at = cidrs?.findIndex((text) => parseNetwork(text) === null) ?? -1
  return at === -1 ? null : invalid(`/cidrs/${at}`, 'expected a network such as "192.0.2.0/24"')
}

/** The stored hash of what was chosen, or of one made here, which is told this once. */
export async function toStoredPassword(
  c: Ctx,
  asked: Exclude<LinkPatch['password'], null | undefined>,
): Promise<{ readonly hash: string; readonly generated: string | undefined }> {
  const { config, random } = c.var.deps
  const generated = asked === true ? toPassword(random.bytes(20)) : undefined
  const text = asked === true ? (generated ?? '') : asked
  return { hash: await hashPassword(config.sealingKeys, text, random.bytes(SALT_BYTES)), generated }
}

/** A request for uploads, and where. */
export interface Asked {
  readonly prefix?: string | undefined
  readonly upload?: UploadTerms
}

/** Why such a link makes no sense; null for one that does, or that asks for nothing. */
export function findMisplaced({ prefix, upload }: Asked, terms: LinkPatch): Failure | null {
  if (upload === undefined) return null
  if (prefix === undefined) return invalid('/upload', 'goes with `prefix`')
  const name = DOWNLOAD_TERMS.find((term) => terms[term] !== undefined && terms[term] !== null)
  return name === undefined ? null : invalid(`/${name}`, 'is of downloads: this link takes uploads')
}
