// `postern link sign`: a link minted offline, as an application server would, with an issuer's key.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as v from 'valibot'
import { linkClaims } from '../../contract/link.ts'
import type { Shell } from '../frame/shell.ts'
import { collect, toPair, UsageError } from '../frame/usage.ts'
import { findGateway } from '../gateway.ts'
import { mintLinkToken } from '../links/mint.ts'
import { toTarget, toUpload } from '../links/target.ts'
import { createTermsCommand, toEnd, toTerms } from '../links/terms.ts'

const TEXT = {
  summary: 'mint a link offline',
  description:
    'Mints a link without a call: a token of an issuer that the gateway trusts, signed here with its secret or private key. The grants of the issuer decide when it is opened. The key comes from a file or from POSTERN_LINK_KEY, never from the command line.',
  examples: [
    {
      what: 'for an hour, with the private key of the issuer',
      line: 'postern link sign media/users/alice/report.pdf --issuer https://login.example.com \\\n  --sub alice --expires-in 1h --key-file issuer.pem --gateway https://files.example.com',
    },
  ],
}

function readKey(shell: Shell, file: string | undefined): string {
  const text = file === undefined ? shell.env['POSTERN_LINK_KEY'] : undefined
  if (text !== undefined && text !== '') return text
  if (file === undefined) throw new UsageError('--key-file or POSTERN_LINK_KEY is needed')
  try {
    return readFileSync(resolve(shell.cwd, file), 'utf8')
  } catch {
    throw new UsageError('--key-file names no file that can be read')
  }
}

function judge(claims: Readonly<Record<string, unknown>>): void {
  const parsed = v.safeParse(linkClaims, claims)
  if (parsed.success) return
  const path = parsed.issues[0].path?.map(({ key }) => String(key)).join('.') ?? ''
  throw new UsageError(`${path} is not as links have it`)
}

export function linkSignCommand(shell: Shell) {
  return createTermsCommand(shell, 'sign', TEXT)
    .argument(
      '<targets...>',
      'bucket/key, several of one bucket, or bucket/prefix/; the bucket by its alias',
    )
    .requiredOption('--issuer <url>', 'whose token it is, one of the gateway’s ISSUERS')
    .requiredOption('--sub <subject>', 'in whose name, which grants look at')
    .option(
      '--claim <name=value>',
      'a further claim that grants look at; may stand several times',
      collect,
      [],
    )
    .option('--key-file <file>', 'its private key (PEM or JWK) or secret; else POSTERN_LINK_KEY')
    .option('--alg <name>', 'else by the kind of the key: ES256, EdDSA, RS256, HS256')
    .option('--kid <id>', 'else that of the JWK')
    .option(
      '--upload-type <type>',
      'asks for uploads of this type or family; may stand several times',
      collect,
      [],
    )
    .option('--upload-max-bytes <size>', 'of each file, such as 20MB')
    .option('--upload-max-files <count>', 'how many files it takes')
    .option('--gateway <url>', 'PUBLIC_URL of the gateway; else POSTERN_URL')
    .action(async (targets, options) => {
      const { issuer, sub, claim, keyFile, alg, kid, json } = options
      const base = findGateway(shell, options)
      const { notBefore, ...terms } = toTerms(options)
      const own = { ...toTarget(targets), ...terms, ...toUpload(options) }
      judge(own)
      const { expiresIn, expiresAt } = toEnd(options, '1h')
      const iat = Math.floor(shell.now() / 1000)
      const exp =
        expiresAt === undefined ? iat + (expiresIn ?? 0) : Math.floor(Date.parse(expiresAt) / 1000)
      const nbf =
        typeof notBefore === 'string' ? { nbf: Math.floor(Date.parse(notBefore) / 1000) } : {}
      const further = Object.fromEntries(claim.map((text) => toPair(text, '--claim')))
      const token = await mintLinkToken(
        readKey(shell, keyFile),
        {
          issuer,
          audience: `${base}/l`,
          sub,
          iat,
          exp,
          jti: crypto.randomUUID(),
          claims: { ...further, ...nbf, ...own },
        },
        { alg, kid },
      )
      const url = `${base}/l/${token}`
      const end = new Date(exp * 1000).toISOString().replace('.000Z', 'Z')
      shell.print(json ? JSON.stringify({ url, expiresAt: end }) : url)
    })
}
