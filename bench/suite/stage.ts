// Everything that is measured, running: gateways with their stores, an issuer, an S3, hello and the peers.
import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { makeFolder } from '../support/folder.ts'
import { ISSUER, PUBLIC_URL, toVariables } from '../support/gateway.ts'
import { type Runtime, run, runS3 } from '../support/runtime.ts'
import { bundle } from '../support/workerd.ts'
import { buildWorker } from '../../test/support/s3/gateway.ts'
import { installPeers, runPeers } from './peers.ts'

type Variables = { readonly [name: string]: unknown }

const ALLOW = ['read', 'upload', 'write', 'share']
const OWN = { bucket: 'media', prefix: 'users/${sub}/', allow: ALLOW, inline: ['image/png'] }

/** An issuer that publishes its keys, and a token of it. */
async function runIssuer(): Promise<{ url: string; token: string; stop: () => Promise<void> }> {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'bench', alg: 'ES256', use: 'sig' }
  const server = createServer((_, answer) => {
    answer.setHeader('Content-Type', 'application/json')
    answer.end(JSON.stringify({ keys: [jwk] }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: 'ES256', kid: 'bench' })
    .setIssuer(ISSUER)
    .setAudience(PUBLIC_URL)
    .setSubject('alice')
    .setJti(crypto.randomUUID())
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey)
  return {
    // It listens, so that its address is one of a port.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    token,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The variables of a gateway whose caller may do everything below his prefix, with ten grants or more. */
export function toStageVariables(endpoint: string, grants = 10): Variables {
  const variables = toVariables(grants)
  const others = variables['GRANTS_1'] as object[]
  return {
    ...variables,
    BUCKETS: {
      ...(variables['BUCKETS'] as object),
      // Where the gateway itself asks S3.
      local: { provider: 'r2', bucket: 'local', endpoint, credentials: 'MEDIA' },
    },
    GRANTS_1: [...others.slice(0, -1), OWN, { ...OWN, bucket: 'local' }],
    UPPY: { bucket: 'media', prefix: 'users/${sub}/uploads/' },
  }
}

export interface Stage {
  readonly folder: string
  /** The gateway, built as it is deployed. */
  readonly script: string
  readonly helloScript: string
  /** All bundles, by the names of who they are. */
  readonly scripts: ReadonlyMap<string, string>
  readonly servers: { readonly [name in ServerName]: Runtime }
  readonly esToken: string
  readonly endpoint: string
  readonly stop: () => Promise<void>
}
export type ServerName =
  'hello' | 'homemade' | 'few' | 'many' | 'es256' | 'companion' | 'sdk' | 'better'

export async function openStage(): Promise<Stage> {
  installPeers()
  const folder = makeFolder()
  const script = buildWorker()
  const helloScript = await bundle('bench/support/hello.ts', join(folder, 'hello.js'))
  const homemade = await bundle('bench/support/homemade.ts', join(folder, 'homemade.js'))
  const s3 = await runS3('local')
  const issuer = await runIssuer()
  const keys = { MEDIA_ACCESS_KEY_ID: s3.accessKeyId, MEDIA_SECRET_ACCESS_KEY: s3.secretAccessKey }
  const ofIssuer = { algorithms: ['ES256'], jwks_url: issuer.url }
  const gateway = { hasStores: true }
  const ten = { ...toStageVariables(s3.endpoint), ...keys }
  const es256 = { ...ten, ISSUERS: [{ issuer: ISSUER, audience: PUBLIC_URL, ...ofIssuer }] }
  const servers = {
    hello: await run(helloScript, {}),
    homemade: await run(homemade, toVariables(10)),
    few: await run(script, ten, gateway),
    many: await run(script, { ...toStageVariables(s3.endpoint, 1000), ...keys }, gateway),
    es256: await run(script, es256, gateway),
    ...(await runPeers(folder, toVariables(10))),
  }
  return {
    folder,
    script,
    helloScript,
    scripts: new Map([
      ['Postern', script],
      ['bare Hono', helloScript],
      ['home-made with aws4fetch', homemade],
      ['the same with the AWS SDK', join(folder, 'sdk.js')],
      ['Better Upload', join(folder, 'better.js')],
    ]),
    servers,
    esToken: issuer.token,
    endpoint: s3.endpoint,
    async stop() {
      for (const server of Object.values(servers)) await server.stop()
      await s3.stop()
      await issuer.stop()
    },
  }
}
