// The peer: what a backend writes by itself with Hono, jose and aws4fetch. No grants, limits, log or strictness.
import { AwsV4Signer } from 'aws4fetch'
import { Hono } from 'hono'
import { jwtVerify } from 'jose/jwt/verify'

interface Variables {
  readonly KEY: string
  readonly MEDIA_ACCESS_KEY_ID: string
  readonly MEDIA_SECRET_ACCESS_KEY: string
}

const app = new Hono<{ Bindings: Variables }>()
const cache = new Map<string, ArrayBuffer>()
let secret: Uint8Array | null = null

app.get('/o/media/*', async (c) => {
  secret ??= new TextEncoder().encode(c.env.KEY)
  const token = c.req.header('Authorization')?.slice('Bearer '.length) ?? ''
  const { payload } = await jwtVerify(token, secret, {
    issuer: 'https://login.example.com',
    audience: 'https://files.example.com',
    algorithms: ['HS256'],
  })
  const key = c.req.path.slice('/o/media/'.length)
  if (!key.startsWith(`users/${payload.sub}/`)) return c.text('forbidden', 403)
  const signer = new AwsV4Signer({
    url: `https://acme.s3.eu-west-1.amazonaws.com/${key}?X-Amz-Expires=900`,
    accessKeyId: c.env.MEDIA_ACCESS_KEY_ID,
    secretAccessKey: c.env.MEDIA_SECRET_ACCESS_KEY,
    service: 's3',
    region: 'eu-west-1',
    signQuery: true,
    cache,
  })
  const { url } = await signer.sign()
  return c.redirect(String(url), 302)
})
export default app
