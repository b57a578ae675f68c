// A user of a gateway that a test has started for itself.
import { mintHmac } from '../mint.ts'
import { expectUntainted } from '../taint.ts'
import type { GatewayFacts } from './gateway.ts'

export type Post = (path: string, body: object) => Promise<Response>

/** Posts as alice; no answer may hold one of `secrets`. */
export function createCaller(facts: GatewayFacts, secrets: readonly string[] = []): Post {
  return async (path, body) => {
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      iss: 'https://login.test',
      aud: facts.url,
      sub: 'alice',
      iat: now,
      exp: now + 7200,
    }
    const key = new TextEncoder().encode(facts.sessionSecret)
    const token = await mintHmac({ header: { alg: 'HS256' }, claims }, key)
    const headers = { Authorization: `Bearer ${token}` }
    const init = { method: 'POST', headers, body: JSON.stringify(body) }
    const answer = await fetch(facts.url + path, init)
    expectUntainted(await answer.clone().text(), [facts.s3.secretAccessKey, token, ...secrets])
    return answer
  }
}
