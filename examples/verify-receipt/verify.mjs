// node verify.mjs https://files.example.com RECEIPT: prints what the gateway vouches for, or fails.
import { createPublicKey, verify } from 'node:crypto'

const [gateway, receipt] = process.argv.slice(2)
const [head, body, signature] = receipt.split('.')
const decode = (part) => JSON.parse(Buffer.from(part, 'base64url'))
const { keys } = await (await fetch(new URL('/.well-known/jwks.json', gateway))).json()
const jwk = keys.find(({ kid, alg }) => kid === decode(head).kid && alg === 'ES256')
const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' }
const isGenuine = verify('sha256', `${head}.${body}`, key, Buffer.from(signature, 'base64url'))
const isOurs = decode(head).typ === 'postern-receipt+jwt' && decode(body).iss === gateway
if (!isGenuine || !isOurs) throw new Error('not a receipt of this gateway')
console.log(JSON.stringify(decode(body)))
