// Better Upload's handler as a Worker, who is logged in checked where its documentation has it: in onBeforeUpload.
import { handleRequest, RejectUpload, route } from '@better-upload/server'
import { aws } from '@better-upload/server/clients'
import { jwtVerify } from 'jose/jwt/verify'

let secret = null
let router = null

function createRouter(env) {
  return {
    client: aws({
      region: 'eu-west-1',
      accessKeyId: env.MEDIA_ACCESS_KEY_ID,
      secretAccessKey: env.MEDIA_SECRET_ACCESS_KEY,
    }),
    bucketName: 'acme',
    routes: {
      photos: route({
        fileTypes: ['image/*'],
        maxFileSize: 1024 * 1024 * 5,
        async onBeforeUpload({ req, file }) {
          const token = req.headers.get('Authorization')?.slice('Bearer '.length) ?? ''
          const { payload } = await jwtVerify(token, secret, {
            issuer: 'https://login.example.com',
            audience: 'https://files.example.com',
            algorithms: ['HS256'],
          }).catch(() => {
            throw new RejectUpload('not logged in')
          })
          return { objectInfo: { key: `users/${payload.sub}/${file.name}` } }
        },
      }),
    },
  }
}

export default {
  fetch(request, env) {
    secret ??= new TextEncoder().encode(env.KEY)
    router ??= createRouter(env)
    return handleRequest(request, router)
  },
}
