// The `postern` command with an AWS environment of its own: the SDK's providers read that of the process.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import { type Given, type Outcome, runCli } from './cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'postern-aws-'))

/** Of AWS's documentation. */
export const EXAMPLE_KEYS = {
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}

export interface AwsGiven extends Omit<Given, 'env'> {
  readonly env?: Readonly<Record<string, string | undefined>>
  /** The text of ~/.aws/config. */
  readonly config?: string
  /** The text of ~/.aws/credentials. */
  readonly credentials?: string
}

export async function runAws(args: readonly string[], given: AwsGiven = {}): Promise<Outcome> {
  const { env = EXAMPLE_KEYS, config = '', credentials = '', ...rest } = given
  const files = { config: join(folder, 'config'), credentials: join(folder, 'credentials') }
  writeFileSync(files.config, config)
  writeFileSync(files.credentials, credentials)
  const own: Readonly<Record<string, string | undefined>> = {
    ...env,
    AWS_CONFIG_FILE: files.config,
    AWS_SHARED_CREDENTIALS_FILE: files.credentials,
    AWS_EC2_METADATA_DISABLED: 'true',
  }
  for (const name of Object.keys(process.env))
    if (name.startsWith('AWS_')) vi.stubEnv(name, undefined)
  for (const [name, value] of Object.entries(own)) vi.stubEnv(name, value)
  try {
    return await runCli(args, { ...rest, env: own })
  } finally {
    vi.unstubAllEnvs()
  }
}
