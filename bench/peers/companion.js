// Uppy Companion in Node as its README plugs it into Express, for its S3 routes; no log, no stored sessions. Prints its port.
import { tmpdir } from 'node:os'
import * as companion from '@uppy/companion'
import bodyParser from 'body-parser'
import express from 'express'
import session from 'express-session'

const app = express()
app.use(bodyParser.json())
app.use(session({ secret: 'a secret of this bench', resave: false, saveUninitialized: false }))
const { app: companionApp } = companion.app({
  secret: 'a secret of this bench',
  server: { host: '127.0.0.1', protocol: 'http' },
  filePath: tmpdir(),
  uploadUrls: ['https://acme.s3.eu-west-1.amazonaws.com'],
  corsOrigins: ['https://app.example.com'],
  s3: {
    key: 'AKIDEXAMPLE',
    secret: 'secretsecretsecret',
    bucket: 'acme',
    region: 'eu-west-1',
    expires: 900,
    getKey: ({ filename }) => `users/alice/${filename}`,
  },
})
app.use(companionApp)
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port))
