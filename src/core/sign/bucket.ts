// A bucket that URLs are signed for: where it is, how it is addressed, with which credentials.
import type { CredentialSource } from '../../ports.ts'
import type { KeyPrefix } from '../policy/key.ts'
import type { Capabilities, Provider } from './provider.ts'

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  /** When temporary ones end, seconds since 1970: nothing that they sign outlives them. */
  readonly expiresAtSeconds?: number
}

export interface Bucket {
  /** The name that clients use. */
  readonly alias: string
  readonly provider: Provider
  /** The name at the provider. */
  readonly name: string
  readonly region: string
  /** Scheme, host and port that requests go to; with virtual addressing the host begins with the bucket. */
  readonly origin: string
  /** Path below which keys stand, beginning and ending with "/": "/" or "/bucket/". */
  readonly basePath: string
  readonly can: Capabilities
  readonly credentials: CredentialSource
  readonly disabled: boolean
  /** Whether signed URLs name who asked, by pseudonym, for the bucket's own access log. */
  readonly namesSubject: boolean
  /** Clients write below this prefix alone; what they sent is published after it was verified. */
  readonly staging?: KeyPrefix
}
