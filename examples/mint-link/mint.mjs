// POSTERN_URL=… ISSUER=… SESSION_SECRET=… node mint.mjs BUCKET KEY [TERMS]: prints a link, made without asking the gateway.
import { createHmac } from 'node:crypto'

const [bucket, key, terms = '{}'] = process.argv.slice(2)
const { POSTERN_URL, ISSUER, SESSION_SECRET, SUBJECT = 'alice' } = process.env
const iat = Math.floor(Date.now() / 1000)
const owner = { iss: ISSUER, sub: SUBJECT, aud: `${POSTERN_URL}/l`, iat, exp: iat + 7 * 86_400 }
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const head = encode({ alg: 'HS256', typ: 'postern-link+jwt' })
const text = `${head}.${encode({ ...owner, bucket, key, ...JSON.parse(terms) })}`
const signature = createHmac('sha256', SESSION_SECRET).update(text).digest('base64url')
console.log(`${POSTERN_URL}/l/${text}.${signature}`)
