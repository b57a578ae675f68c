// docs/providers.md: what each provider can do, where it says so, and how a bucket and its keys are set up there.
import { toCommand, toCorsFile } from '../../src/cli/doctor/cors-file.ts'
import { toCorsRule } from '../../src/core/sign/cors.ts'
import {
  type Capabilities,
  capabilitiesOf,
  type Provider,
  PROVIDERS,
} from '../../src/core/sign/provider.ts'

interface About {
  readonly name: string
  /** Where its documentation says what the table repeats. */
  readonly sources: readonly string[]
  /** What the operator should know beside the table. */
  readonly notes: readonly string[]
  /** Keys that can do what the gateway does, and no more. */
  readonly keys: string
}

const json = (value: object): string => `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\`\n`

/** IAM policy for objects below `users/` (AWS, and whoever speaks its policy language). */
const POLICY = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: [
        's3:GetObject',
        's3:PutObject',
        's3:DeleteObject',
        's3:AbortMultipartUpload',
        's3:ListMultipartUploadParts',
      ],
      Resource: 'arn:aws:s3:::acme-media/users/*',
    },
    {
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: 'arn:aws:s3:::acme-media',
      Condition: { StringLike: { 's3:prefix': ['users/*'] } },
    },
  ],
}
const iam = (how: string): string => `${how}\n\n${json(POLICY)}`
const OPTIONS_NOTE =
  'Only if a grant lets callers use them: `s3:GetObjectVersion` and `s3:DeleteObjectVersion` (`versionId`), `s3:PutObjectTagging` (`tagging`), `kms:GenerateDataKey` and `kms:Decrypt` on the key (`serverSideEncryption`). [deploy.md](deploy.md) has the table by action.'

const ABOUT: { readonly [P in Provider]: About } = {
  aws: {
    name: 'Amazon S3',
    sources: [
      'https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html',
      'https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-UsingHTTPPOST.html',
      'https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html',
      'https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html',
    ],
    notes: [OPTIONS_NOTE],
    keys: iam('An IAM user, or better a role ([credentials.md](credentials.md)), with:'),
  },
  r2: {
    name: 'Cloudflare R2',
    sources: [
      'https://developers.cloudflare.com/r2/api/s3/api/',
      'https://developers.cloudflare.com/r2/api/s3/presigned-urls/',
      'https://developers.cloudflare.com/r2/platform/limits/',
    ],
    notes: [
      'Whether it takes headers `x-amz-*` that are not signed is not known: see [security.md](security.md), *Not promised*, before anybody may upload. `/readyz` warns of it.',
      'Keys are folded to Unicode NFC: policy and signature use that form.',
      'Signed URLs work on the account host alone, never on a custom domain.',
      'The local R2 of `npm start` lists no parts, verifies no checksums and ignores storage classes.',
    ],
    keys: 'An R2 API token with *Object Read & Write* for this one bucket; its two S3 values are the secrets. R2 has no policies by prefix: the grants alone bound what is signed.\n',
  },
  minio: {
    name: 'MinIO',
    sources: [
      'https://min.io/docs/minio/linux/reference/s3-api-compatibility.html',
      'https://github.com/minio/minio/releases (CRC64NVME since RELEASE.2025-02)',
    ],
    notes: [
      'It takes headers `x-amz-*` that are not signed. That `x-amz-copy-source` is absent is signed, by naming it and giving it as an empty parameter, which its source looks for; this was not run against MinIO. Others, such as those of object lock, it would take.',
      'Use a release of 2023 or later: by its source those refuse `x-amz-meta-*` that is not signed, with which a PUT could become an archive that is unpacked to any keys. The gateway signs no such metadata.',
    ],
    keys: iam('`mc admin policy create`, then `mc admin accesskey create` under that policy:'),
  },
  b2: {
    name: 'Backblaze B2',
    sources: ['https://www.backblaze.com/docs/cloud-storage-s3-compatible-api'],
    notes: [
      'Whether it takes headers `x-amz-*` that are not signed is not known: see [security.md](security.md), *Not promised*, before anybody may upload. `/readyz` warns of it.',
      'There is no conditional PUT: a signed PUT needs `overwrite: true`; POST /v1/uploads looks before it completes.',
    ],
    keys: '```sh\nb2 key create --bucket acme-media --name-prefix users/ postern listFiles,readFiles,writeFiles,deleteFiles\n```\n',
  },
  wasabi: {
    name: 'Wasabi',
    sources: [
      'https://docs.wasabi.com/docs/rest-api-introduction',
      'https://docs.wasabi.com/docs/operations-on-objects',
    ],
    notes: [
      'Whether it takes headers `x-amz-*` that are not signed is not known: see [security.md](security.md), *Not promised*, before anybody may upload. `/readyz` warns of it.',
      'Its documentation promises neither conditional writes, checksums nor tags: they are refused rather than hoped for.',
    ],
    keys: iam('A sub-user with this policy:'),
  },
  gcs: {
    name: 'Google Cloud Storage',
    sources: [
      'https://cloud.google.com/storage/docs/interoperability',
      'https://cloud.google.com/storage/docs/xml-api/reference-headers#xgoogifgenerationmatch',
      'https://cloud.google.com/storage/docs/authentication/signatures',
    ],
    notes: [
      'Whether it takes headers `x-amz-*` and `x-goog-*` that are not signed is not known: see [security.md](security.md), *Not promised*, before anybody may upload. `/readyz` warns of it.',
      'A PUT is conditional by `x-goog-if-generation-match: 0`. Versions are generations, which S3 names do not reach.',
      'Its forms take policies that are signed in Google’s own way: use a signed PUT.',
    ],
    keys: '```sh\ngcloud storage buckets add-iam-policy-binding gs://acme-media --role=roles/storage.objectUser --member=serviceAccount:postern@PROJECT.iam.gserviceaccount.com\ngcloud storage hmac create postern@PROJECT.iam.gserviceaccount.com\n```\n',
  },
  ceph: {
    name: 'Ceph RADOS Gateway',
    sources: [
      'https://docs.ceph.com/en/latest/radosgw/s3/',
      'https://docs.ceph.com/en/latest/radosgw/bucketpolicy/',
    ],
    notes: [
      'It takes headers `x-amz-*` that are not signed; their absence is signed, by naming them, and it passes over a name that is not sent: shown against 16.2, and so in its source to this day.',
      'The suites run against 16.2, which knows no `x-amz-checksum-*` and no condition on completion; integrity is shown by part ETags.',
    ],
    keys: iam(
      '`radosgw-admin user create --uid=postern --display-name=postern`, and on the bucket this policy with `"Principal": {"AWS": ["arn:aws:iam:::user/postern"]}` in each statement:',
    ),
  },
  generic: {
    name: 'Any other S3',
    sources: ['https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html'],
    notes: [
      'Whether it takes headers `x-amz-*` that are not signed is not known: see [security.md](security.md), *Not promised*, before anybody may upload. `/readyz` warns of it.',
      'Only what every S3 server is known to do; a provider of its own in the table is a welcome contribution.',
    ],
    keys: iam('Keys that may do this and no more:'),
  },
}

const yes = (value: boolean): string => (value ? 'yes' : 'no')

const UNSIGNED = {
  refused: 'refused by it',
  skipped: 'kept out',
  empty: 'kept out',
  query: 'copies kept out',
  unknown: '**not known**',
} as const

/** Rows of the table, in the words of the API. */
const ROWS: readonly (readonly [string, (can: Capabilities) => string])[] = [
  [
    'PUT that never replaces an object',
    (can) => (can.createOnly === null ? 'no' : `\`${can.createOnly.name}\``),
  ],
  ['… at the completion of an upload', (can) => yes(can.conditionalComplete)],
  ['`ifMatch`', (can) => yes(can.ifMatch !== null)],
  ['`method: "POST"` (forms)', (can) => yes(can.postPolicy)],
  ['`checksum`', (can) => can.checksums.join(', ') || 'no'],
  ['`tagging`', (can) => yes(can.tagging)],
  ['`storageClass`', (can) => yes(can.storageClass)],
  ['`serverSideEncryption`', (can) => can.encryption.join(', ') || 'no'],
  ['`versionId`', (can) => yes(can.versions)],
  ['resuming (ListParts)', (can) => yes(can.listParts)],
  ['largest object', (can) => `${(can.maxObjectBytes / 2 ** 40).toFixed(2)} TiB`],
  ['keys folded to NFC', (can) => yes(can.foldsToNfc)],
  ['headers that nobody signed', (can) => UNSIGNED[can.unsignedHeaders ?? 'unknown']],
  ['addressing unless configured', (can) => can.addressing],
]

function toSection(provider: Provider): string {
  const { name, sources, notes, keys } = ABOUT[provider]
  const rule = toCorsRule({ can: capabilitiesOf(provider, '') }, ['https://app.example.com'])
  return [
    `## ${name} (\`${provider}\`)\n`,
    ...notes.map((note) => `- ${note}`),
    `- Sources: ${sources.map((source) => `<${source.replace(/ .*/, '')}>${/ .*/.exec(source)?.[0] ?? ''}`).join(', ')}\n`,
    `**Keys.** ${keys}`,
    `**CORS**, for \`${toCommand(provider, 'acme-media')}\`:\n`,
    json(toCorsFile(provider, rule)),
  ].join('\n')
}

export function toProviders(): string {
  const heads = PROVIDERS.map((provider) => `\`${provider}\``).join(' | ')
  const rows = ROWS.map(
    ([label, read]) =>
      `| ${label} | ${PROVIDERS.map((provider) => read(capabilitiesOf(provider, ''))).join(' | ')} |`,
  )
  return [
    '# Providers\n',
    'What a provider cannot do is refused with 501 `unsupported_by_provider`, never signed and ignored. What its documentation does not promise counts as no. The table is the source that the gateway decides by; the suites run against Ceph and the local R2, everything else stands on the documentation named.\n',
    `| | ${heads} |\n|---${'|---'.repeat(PROVIDERS.length)}|\n${rows.join('\n')}\n`,
    'Metadata of callers (`x-amz-meta-…`) is signed by every provider; a page that sends it needs each name in the bucket’s `AllowedHeaders`. Buckets stay private everywhere: nobody but the gateway’s keys reaches them. Examples are for the bucket `acme-media` and grants below `users/`; `npm run cors` prints the rules of your own buckets.\n',
    ...PROVIDERS.map(toSection),
  ].join('\n')
}
