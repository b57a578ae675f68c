// Credentials as the AWS tools find them: by the AWS SDK's own chain of providers.
import type { Credentials } from '../../core/sign/bucket.ts'
import type { Shell } from '../frame/shell.ts'
import { Failure } from '../frame/usage.ts'

/** What the SDK says by itself is of its own order of sources, and of files. */
const QUIET = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }

/**
 * A profile that is named on the command line goes before the keys of the environment, these before AWS_PROFILE: so it
 * is with the AWS command line, while the SDK would put AWS_PROFILE first.
 */
export async function findCredentials(
  { env }: Shell,
  profile: string | undefined,
): Promise<Credentials> {
  const { fromEnv, fromNodeProviderChain } = await import('@aws-sdk/credential-providers')
  const hasKeys =
    (env['AWS_ACCESS_KEY_ID'] ?? '') !== '' && (env['AWS_SECRET_ACCESS_KEY'] ?? '') !== ''
  const provider =
    profile === undefined && hasKeys
      ? fromEnv()
      : fromNodeProviderChain({
          ignoreCache: true,
          logger: QUIET,
          ...(profile !== undefined && { profile }),
        })
  // What a provider says of its failure may quote the files that it read.
  const found = await provider().catch(() => null)
  if (found === null)
    throw new Failure(
      'no AWS credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a --profile; SSO profiles need `aws sso login`',
    )
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = found
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && sessionToken !== '' && { sessionToken }),
    ...(expiration !== undefined && {
      expiresAtSeconds: Math.floor(expiration.getTime() / 1000),
    }),
  }
}
