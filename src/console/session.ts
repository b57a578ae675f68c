// Signing in: the pasted token becomes the gateway's sealed cookie where it has one; else it stays in this page's memory.
import { createApi } from '../client/api.ts'
import { createBrowserPorts } from '../client/browser.ts'
import { createPostern, type Postern, PosternError } from '../client/client.ts'
import type { SignedRequest } from '../contract/common.ts'
import type { SessionAnswer } from '../contract/session.ts'
import type { SignPutBody } from './curl.ts'

export interface Caller {
  readonly client: Postern
  /** A raw signed PUT, which the client has no use for. */
  sign(put: SignPutBody): Promise<SignedRequest>
}
export interface Signed extends Caller {
  readonly session: SessionAnswer
  /** The session survives a reload. */
  readonly hasCookie: boolean
}

const workerUrl = '/hash-worker.js'

/** By the token, or without one by the gateway's cookie, which the application may have set. */
function createCaller(token?: string): Caller {
  const options = { baseUrl: location.origin, ...(token !== undefined && { token: () => token }) }
  const api = createApi(options, createBrowserPorts(workerUrl))
  return {
    client: createPostern({ ...options, workerUrl }),
    sign: (put) => api.call('POST', '/v1/sign', { body: { ...put, method: 'PUT' } }),
  }
}

/** The token of what was pasted: `Bearer …` and `export TOKEN=…` are what people have at hand. */
export function findToken(text: string): string {
  return /eyJ[\w-]*\.[\w-]+\.[\w-]+/.exec(text)?.[0] ?? text.trim()
}

export async function findSession(): Promise<Signed> {
  const caller = createCaller()
  return { ...caller, session: await caller.client.session.read(), hasCookie: true }
}

async function toCookie(token: string): Promise<Signed | null> {
  try {
    // By a client without a token: one with a token neither sends nor takes cookies.
    await createCaller().client.session.begin(token)
    // Some browsers keep no secure cookie of http://localhost.
    return await findSession()
  } catch (error) {
    // The gateway has no cookies, the token is too long for one, or it was not kept.
    if (error instanceof PosternError && [400, 401, 404].includes(error.status)) return null
    throw error
  }
}

export async function signIn(token: string): Promise<Signed> {
  const caller = createCaller(token)
  // First of all whether it is good: then a refusal is about the token.
  const session = await caller.client.session.read()
  return (await toCookie(token)) ?? { ...caller, session, hasCookie: false }
}

export async function signOut({ client, hasCookie }: Signed): Promise<void> {
  if (hasCookie) await client.session.end()
}
