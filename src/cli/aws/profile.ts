// What the AWS tools' environment and shared files say of a profile: region, endpoint, how buckets are addressed.
// https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
import type { Shell } from '../frame/shell.ts'
import { UsageError } from '../frame/usage.ts'

export interface Profile {
  readonly region: string | undefined
  readonly endpointUrl: string | undefined
  readonly addressing: 'auto' | 'virtual' | 'path'
  /** Whether us-east-1 is asked by its own host rather than by the one without a region. */
  readonly isRegional: boolean
}

type Section = Readonly<Record<string, string | undefined>>

async function readSections(
  { env }: Shell,
  named: string | undefined,
): Promise<{ readonly profile: Section; readonly services: Section }> {
  const { loadSharedConfigFiles } = await import('@smithy/core/config')
  const { configFile, credentialsFile } = await loadSharedConfigFiles({
    ...(env['AWS_CONFIG_FILE'] !== undefined && { configFilepath: env['AWS_CONFIG_FILE'] }),
    ...(env['AWS_SHARED_CREDENTIALS_FILE'] !== undefined && {
      filepath: env['AWS_SHARED_CREDENTIALS_FILE'],
    }),
    ignoreCache: true,
  })
  const name = named ?? env['AWS_PROFILE'] ?? 'default'
  const isKnown = configFile[name] !== undefined || credentialsFile[name] !== undefined
  if (!isKnown && name !== 'default')
    throw new UsageError('the AWS configuration has no such profile')
  const profile: Section = { ...credentialsFile[name], ...configFile[name] }
  return { profile, services: configFile[`services.${profile['services']}`] ?? {} }
}

function toAddressing(text: string | undefined): Profile['addressing'] {
  return text === 'virtual' || text === 'path' ? text : 'auto'
}

/** Of the profile named, else of AWS_PROFILE, else of the default one. */
export async function readProfile(shell: Shell, named: string | undefined): Promise<Profile> {
  const { env } = shell
  const { profile, services } = await readSections(shell, named)
  const isIgnored =
    env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true' ||
    profile['ignore_configured_endpoint_urls'] === 'true'
  const endpoints = [
    env['AWS_ENDPOINT_URL_S3'],
    env['AWS_ENDPOINT_URL'],
    services['s3.endpoint_url'],
    profile['endpoint_url'],
  ]
  const regional =
    env['AWS_S3_US_EAST_1_REGIONAL_ENDPOINT'] ?? profile['s3.us_east_1_regional_endpoint']
  return {
    region: env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? profile['region'],
    endpointUrl: isIgnored
      ? undefined
      : endpoints.find((text) => text !== undefined && text !== ''),
    addressing: toAddressing(profile['s3.addressing_style']),
    isRegional: regional === 'regional',
  }
}
