// A small Worker that an operator deploys for an hour: writes and lists KV as the limiter does, and says how it went.

interface ProbeEnv {
  readonly PROBE_KV: KVNamespace
  /** Whoever has it may spend the account's KV operations. */
  readonly PROBE_TOKEN?: string
}

/** What every call answers. */
export interface ProbeAnswer {
  readonly colo: string
  /** Of the KV call alone. */
  readonly ms: number
  readonly ok: boolean
  /** Names that a list gave. */
  readonly names?: readonly string[]
  /** Of a burst of writes to one key: how many were refused. */
  readonly refused?: number
}

const TTL_SECONDS = 120
const MAX_BURST = 20

async function act(kv: KVNamespace, url: URL): Promise<Omit<ProbeAnswer, 'colo' | 'ms'>> {
  const name = url.searchParams.get('name') ?? ''
  const write = (): Promise<void> =>
    kv.put(name, '', { metadata: { a: 1 }, expirationTtl: TTL_SECONDS })
  switch (url.pathname) {
    case '/write':
      await write()
      return { ok: true }
    case '/list':
      return { ok: true, names: (await kv.list({ prefix: name })).keys.map((key) => key.name) }
    case '/burst': {
      const count = Math.min(MAX_BURST, Number(url.searchParams.get('count') ?? '5'))
      const results = await Promise.allSettled(Array.from({ length: count }, write))
      return { ok: true, refused: results.filter(({ status }) => status === 'rejected').length }
    }
    default:
      return { ok: false }
  }
}

export default {
  async fetch(request, env): Promise<Response> {
    const { PROBE_KV, PROBE_TOKEN } = env
    if (
      PROBE_TOKEN === undefined ||
      request.headers.get('Authorization') !== `Bearer ${PROBE_TOKEN}`
    )
      return new Response('the secret PROBE_TOKEN is needed, here and there\n', { status: 401 })
    const startedAtMs = Date.now()
    const colo = String(request.cf?.colo ?? 'unknown')
    try {
      const answer = await act(PROBE_KV, new URL(request.url))
      return Response.json({ colo, ms: Date.now() - startedAtMs, ...answer })
    } catch {
      return Response.json({ colo, ms: Date.now() - startedAtMs, ok: false })
    }
  },
} satisfies ExportedHandler<ProbeEnv>
