// What `postern init` has to know: from options, from a person, or as it mostly is.
import { PROVIDERS } from '../../core/sign/provider.ts'
import type { Shell } from '../frame/shell.ts'
import { UsageError } from '../frame/usage.ts'

export interface Answers {
  readonly name: string
  readonly publicUrl: string
  readonly origin: string
  readonly issuer: string
  /** Empty: tokens are signed with the secret SESSION_SECRET. */
  readonly jwksUrl: string
  readonly provider: string
  readonly bucket: string
  /** Of the bucket; empty where the provider needs none. */
  readonly region: string
  readonly accountId: string
  readonly endpoint: string
}

export type Given = { readonly [Q in keyof Answers]?: string | undefined }

interface Ask {
  readonly name: keyof Answers
  readonly option: string
  readonly text: string
  /** What it mostly is; undefined where nobody can know. */
  readonly usual: (known: Given) => string | undefined
  /** Whether it has to be known at all. */
  readonly isNeeded: (known: Given) => boolean
}

const always = (): boolean => true
const isOther = ({ provider }: Given): boolean => provider !== 'aws' && provider !== 'r2'

export const QUESTIONS: readonly Ask[] = [
  {
    name: 'name',
    option: '--name',
    text: 'name of the Worker',
    usual: () => 'files',
    isNeeded: always,
  },
  {
    name: 'publicUrl',
    option: '--public-url',
    text: 'address of the gateway, such as https://files.example.com',
    usual: () => undefined,
    isNeeded: always,
  },
  {
    name: 'origin',
    option: '--origin',
    text: 'origin of the pages that use it, such as https://app.example.com',
    usual: () => undefined,
    isNeeded: always,
  },
  {
    name: 'issuer',
    option: '--issuer',
    text: '`iss` of your session tokens, such as https://login.example.com',
    usual: () => undefined,
    isNeeded: always,
  },
  {
    name: 'jwksUrl',
    option: '--jwks-url',
    text: 'where their public keys are; empty if they are signed with a shared secret',
    usual: () => '',
    isNeeded: always,
  },
  {
    name: 'provider',
    option: '--provider',
    text: `who stores the files: ${PROVIDERS.join(', ')}`,
    usual: () => 'r2',
    isNeeded: always,
  },
  {
    name: 'bucket',
    option: '--bucket',
    text: 'name of the bucket there',
    usual: () => undefined,
    isNeeded: always,
  },
  {
    name: 'accountId',
    option: '--account-id',
    text: 'id of the Cloudflare account that has it',
    usual: () => undefined,
    isNeeded: ({ provider, endpoint }) => provider === 'r2' && endpoint === undefined,
  },
  {
    name: 'endpoint',
    option: '--endpoint',
    text: 'address of its S3 API',
    usual: () => undefined,
    isNeeded: isOther,
  },
  {
    name: 'region',
    option: '--region',
    text: 'its region, such as eu-west-1',
    usual: ({ provider }) => (isOther({ provider }) ? 'us-east-1' : undefined),
    isNeeded: ({ provider }) => provider !== 'r2',
  },
]

/** Asks for what is not given; where nobody can be asked, it is what it mostly is. */
export async function gatherAnswers(shell: Shell, given: Given): Promise<Answers> {
  const known: { -readonly [Q in keyof Answers]?: string | undefined } = { ...given }
  for (const { name, option, text, usual, isNeeded } of QUESTIONS) {
    if (known[name] !== undefined || !isNeeded(known)) continue
    const preset = usual(known)
    const hint = preset === undefined || preset === '' ? '' : ` [${preset}]`
    const answer = (await shell.ask(`${text}${hint}: `))?.trim()
    const value = answer === undefined || answer === '' ? preset : answer
    if (value === undefined) throw new UsageError(`${option} is needed: ${text}`)
    known[name] = value
  }
  const get = (name: keyof Answers): string => known[name] ?? ''
  return {
    name: get('name'),
    publicUrl: get('publicUrl'),
    origin: get('origin'),
    issuer: get('issuer'),
    jwksUrl: get('jwksUrl'),
    provider: get('provider'),
    bucket: get('bucket'),
    region: get('region'),
    accountId: get('accountId'),
    endpoint: get('endpoint'),
  }
}
