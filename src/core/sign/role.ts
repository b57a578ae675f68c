// A role that a security token service gives temporary credentials for, and the request that asks for them.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html, API_AssumeRoleWithWebIdentity.html
import { AwsV4Signer } from 'aws4fetch'
import { signJws } from '../identity/jws.ts'
import type { IdentityKey } from '../identity/key.ts'
import { toAmzDate } from './scope.ts'
import type { Credentials } from './bucket.ts'

/** How the gateway shows who it is: with keys that may assume the role, or with a token that it signs itself. */
export type Proof =
  | {
      readonly via: 'assume-role'
      readonly base: Credentials
      readonly region: string
      readonly externalId?: string
    }
  | {
      readonly via: 'web-identity'
      readonly key: IdentityKey
      readonly issuer: string
      readonly subject: string
      readonly audience: string
    }

export interface Role {
  /** Of the token service. */
  readonly endpoint: string
  readonly roleArn: string
  /** Shows in the provider's own log of who did what. */
  readonly sessionName: string
  readonly sessionSeconds: number
  readonly proof: Proof
}

export interface RoleRequest {
  readonly url: string
  readonly headers: Headers
  readonly body: string
  /** The operation, which names the elements of its answer. */
  readonly action: 'AssumeRole' | 'AssumeRoleWithWebIdentity'
}

/** Life of an identity token: it is used at once, and only the clocks may differ. */
const TOKEN_SECONDS = 300

async function toProof(
  proof: Proof,
  nowSeconds: number,
): Promise<Pick<RoleRequest, 'action'> & { parameters: Record<string, string> }> {
  if (proof.via === 'assume-role') {
    const parameters = proof.externalId === undefined ? {} : { ExternalId: proof.externalId }
    return { action: 'AssumeRole', parameters }
  }
  const { key, issuer, subject, audience } = proof
  const token = await signJws(key, 'JWT', {
    iss: issuer,
    sub: subject,
    aud: audience,
    iat: nowSeconds,
    exp: nowSeconds + TOKEN_SECONDS,
  })
  return { action: 'AssumeRoleWithWebIdentity', parameters: { WebIdentityToken: token } }
}

/** The POST that asks for credentials; signed where keys are the proof. It holds secrets: never log it. */
export async function toRoleRequest(role: Role, nowMs: number): Promise<RoleRequest> {
  const { action, parameters } = await toProof(role.proof, Math.floor(nowMs / 1000))
  const body = new URLSearchParams({
    Action: action,
    Version: '2011-06-15',
    RoleArn: role.roleArn,
    RoleSessionName: role.sessionName,
    DurationSeconds: String(role.sessionSeconds),
    ...parameters,
  }).toString()
  const headers = new Headers({ 'Content-Type': 'application/x-www-form-urlencoded' })
  const { proof, endpoint: url } = role
  if (proof.via === 'web-identity') return { url, headers, body, action }
  const signer = new AwsV4Signer({
    method: 'POST',
    url,
    headers,
    body,
    ...proof.base,
    service: 'sts',
    region: proof.region,
    datetime: toAmzDate(nowMs),
  })
  return { url, headers: (await signer.sign()).headers, body, action }
}
