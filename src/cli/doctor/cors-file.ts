// A CORS rule in the form that each provider's tool and API take it.
import type { CorsRule } from '../../core/sign/cors.ts'
import type { Provider } from '../../core/sign/provider.ts'

/** The file of `aws s3api put-bucket-cors --cors-configuration`. */
function toS3Cors(rule: CorsRule): object {
  return {
    CORSRules: [
      {
        AllowedOrigins: rule.origins,
        AllowedMethods: rule.methods,
        AllowedHeaders: rule.headers,
        ExposeHeaders: rule.expose,
        MaxAgeSeconds: rule.maxAgeSeconds,
      },
    ],
  }
}

/** The file of `wrangler r2 bucket cors set --file`. */
function toR2Cors(rule: CorsRule): object {
  const allowed = { origins: rule.origins, methods: rule.methods, headers: rule.headers }
  return {
    rules: [{ allowed, exposeHeaders: rule.expose, maxAgeSeconds: rule.maxAgeSeconds }],
  }
}

/** The file of `gcloud storage buckets update --cors-file`. */
function toGcsCors(rule: CorsRule): object {
  return [
    {
      origin: rule.origins,
      method: rule.methods,
      responseHeader: [...rule.headers, ...rule.expose],
      maxAgeSeconds: rule.maxAgeSeconds,
    },
  ]
}

/** The CORS file as this provider's tool takes it. */
export function toCorsFile(provider: Provider, rule: CorsRule): object {
  return provider === 'r2' ? toR2Cors(rule) : provider === 'gcs' ? toGcsCors(rule) : toS3Cors(rule)
}

export function toCommand(provider: Provider, name: string): string {
  if (provider === 'r2') return `npx wrangler r2 bucket cors set ${name} --file cors.json`
  if (provider === 'gcs') return `gcloud storage buckets update gs://${name} --cors-file=cors.json`
  const command = 'aws s3api put-bucket-cors --cors-configuration file://cors.json --bucket'
  return `${command} ${name}${provider === 'aws' ? '' : ' --endpoint-url …'}`
}

const toElements = (name: string, values: readonly string[]): string =>
  values.map((value) => `<${name}>${value}</${name}>`).join('')

/** By this name a rule is ours, and is replaced when it is set again. */
const ID = 'postern'

/** One `CORSRule` of PutBucketCors. Origins and headers are such that nothing in them needs an escape. */
export function toXmlRule(rule: CorsRule): string {
  const lists = [
    toElements('AllowedOrigin', rule.origins),
    toElements('AllowedMethod', rule.methods),
    toElements('AllowedHeader', rule.headers),
    toElements('ExposeHeader', rule.expose),
  ]
  return `<CORSRule><ID>${ID}</ID>${lists.join('')}<MaxAgeSeconds>${rule.maxAgeSeconds}</MaxAgeSeconds></CORSRule>`
}

/**
 * The body of PutBucketCors: our rule first, as S3 takes the first that fits, then what was there before it (`present`,
 * the answer of GetBucketCors; empty without any).
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html
 */
export function toCorsXml(rule: CorsRule, present = ''): string {
  const others = present.match(/<CORSRule>[^]*?<\/CORSRule>/g) ?? []
  const kept = others.filter((text) => !text.includes(`<ID>${ID}</ID>`))
  return `<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${toXmlRule(rule)}${kept.join('')}</CORSConfiguration>`
}
