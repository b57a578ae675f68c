// Downloads: a signed URL, opened beside the page, so that whatever S3 answers, uploads of this page go on.
import type { App } from './app.ts'
import { h } from './dom.ts'

export async function download({ client }: App, bucket: string, key: string): Promise<void> {
  const { url } = await client.download({ bucket, key })
  h('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }).click()
}
