// The peer that most backends are: Hono, jose and the AWS SDK's getSignedUrl, as a Worker. No grants, limits or log.
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { Hono } from 'hono'
import { jwtVerify } from 'jose/jwt/verify'

interface Variables {
  readonly KEY: string
  readonly MEDIA_ACCESS_KEY_ID: string
  readonly MEDIA_SECRET_ACCESS_KEY: string
}

const app = new Hono<{ Bindings: Variables }>()
let known: { readonly secret: Uint8Array; readonly client: S3Client } | null = null

app.get('/o/media/*', async (c) => {
  known ??= {
    secret: new TextEncoder().encode(c.env.KEY),
    client: new S3Client({
      region: 'eu-west-1',
      credentials: {
        accessKeyId: c.env.MEDIA_ACCESS_KEY_ID,
        secretAccessKey: c.env.MEDIA_SECRET_ACCESS_KEY,
      },
    }),
  }
  const token = c.req.header('Authorization')?.slice('Bearer '.length) ?? ''
  const { payload } = await jwtVerify(token, known.secret, {
    issuer: 'https://login.example.com',
    audience: 'https://files.example.com',
    algorithms: ['HS256'],
  })
  const key = c.req.path.slice('/o/media/'.length)
  if (!key.startsWith(`users/${payload.sub}/`)) return c.text('forbidden', 403)
  const command = new GetObjectCommand({ Bucket: 'acme', Key: key })
  return c.redirect(await getSignedUrl(known.client, command, { expiresIn: 900 }), 302)
})
export default app
