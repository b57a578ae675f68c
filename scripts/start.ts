// `npm start`: the gateway and an embedded S3 on this machine, with a token and curl lines to try.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { mintDevelopmentToken } from '../src/cli/mint-token.ts'
import { parseSecretText } from '../src/core/token/keys.ts'
import { loadSecrets, root, writeLocalConfig } from './local.ts'

const { values } = parseArgs({ options: { port: { type: 'string', default: '8787' } } })
const port = Number(values.port)
const base = `http://localhost:${port}`
const secrets = loadSecrets()
const config = writeLocalConfig(secrets, port)

const wrangler = spawn(
  process.execPath,
  [
    join(root, 'node_modules/wrangler/bin/wrangler.js'),
    'dev',
    `--config=${config}`,
    '--env=local',
    '--ip=127.0.0.1',
    `--port=${port}`,
    '--show-interactive-dev-session=false',
    '--log-level=log',
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, WRANGLER_SEND_METRICS: 'false' } },
)
wrangler.on('exit', (code) => process.exit(code ?? 1))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => wrangler.kill(signal))

async function waitUntilReady(): Promise<void> {
  for (;;) {
    const answer = await fetch(`${base}/healthz`).catch(() => null)
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

async function printGuide(): Promise<void> {
  const secret = parseSecretText(secrets['SESSION_SECRET'] ?? '') ?? new Uint8Array()
  const token = await mintDevelopmentToken({
    issuer: `${base}/dev`,
    audience: base,
    secret,
    sub: 'alice',
    claims: {},
    expiresIn: 43_200,
  })
  console.log(`
Postern serves at ${base} with an embedded S3. A token for user alice (12 hours):

export TOKEN=${token}

# in the browser: open ${base}/ and paste that whole line to sign in; then drop a file, share it

# upload: a signed PUT, then the file goes straight to S3
echo 'hello from alice' > hello.txt
URL=$(curl -s ${base}/v1/sign -H "Authorization: Bearer $TOKEN" --json '{"bucket":"media","key":"users/alice/hello.txt","method":"PUT","size":17,"type":"text/plain"}' | sed 's/.*"url":"\\([^"]*\\)".*/\\1/')
curl -i -T hello.txt -H 'Content-Type: text/plain' -H 'If-None-Match: *' "$URL"

# download: a redirect to a signed GET
curl -L ${base}/o/media/users/alice/hello.txt -H "Authorization: Bearer $TOKEN"

# refused: another user's key (403), a wrong token (401); the reason is in this window
curl -i ${base}/o/media/users/bob/secret.txt -H "Authorization: Bearer $TOKEN"
curl -i ${base}/o/media/users/alice/hello.txt -H "Authorization: Bearer \${TOKEN}x"

# limited: 120 requests a minute (429)
for i in $(seq 130); do curl -s -o /dev/null -w '%{http_code}\\n' ${base}/o/media/users/alice/hello.txt -H "Authorization: Bearer $TOKEN"; done | sort | uniq -c

Other tokens: npm run token -- --sub bob --claim role=admin
`)
}

await waitUntilReady()
await printGuide()
