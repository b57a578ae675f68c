// Webhook messages on their way: a queue in one Durable Object, emptied by its alarm.
// Consistency: a message is durable once `send` is done, and known by its id for 24 hours: twice is once. Delivery is at
// least once, in no promised order. Limits: BATCH at a time, TIMEOUT_MS each, no redirects. Failure: tried again for
// 24 hours, then dropped with a line in the log; without WEBHOOK in the configuration everything is dropped.
import { DurableObject } from 'cloudflare:workers'
import {
  judgeAnswer,
  parseWebhookSecret,
  toBody,
  toHeaders,
  toRetryMs,
  WEBHOOK_LIFE_MS,
} from '../core/webhook/message.ts'
import type { Webhooks as WebhooksPort } from '../ports.ts'
import { consoleLog } from './log.ts'

const BATCH = 20
const TIMEOUT_MS = 10_000

type Row = { id: string; body: string; attempts: number; ends: number }

interface Target {
  readonly url: string
  readonly secrets: readonly Uint8Array<ArrayBuffer>[]
}

/** Where messages go now, as the configuration has it; it was checked before anything was queued. */
function toTarget(env: object): Target | null {
  // A variable and secrets that wrangler.toml need not name.
  const { WEBHOOK, WEBHOOK_SECRET, WEBHOOK_SECRET_PREVIOUS } = env as {
    readonly WEBHOOK?: { readonly url?: unknown }
    readonly WEBHOOK_SECRET?: unknown
    readonly WEBHOOK_SECRET_PREVIOUS?: unknown
  }
  const url = WEBHOOK?.url
  const secrets = [WEBHOOK_SECRET, WEBHOOK_SECRET_PREVIOUS].flatMap((text) => {
    const bytes = typeof text === 'string' ? parseWebhookSecret(text) : null
    return bytes === null ? [] : [bytes]
  })
  return typeof url === 'string' && secrets.length > 0 ? { url, secrets } : null
}

/** The status of the answer, or 0 without one. */
async function post({ id, body }: Row, { url, secrets }: Target): Promise<number> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: await toHeaders(id, body, secrets, Date.now()),
      body,
      // What the operator configured, and nowhere else.
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    await answer.body?.cancel()
    return answer.status
  } catch {
    return 0
  }
}

export class Webhooks extends DurableObject<Env> {
  private turn = Promise.resolve()

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    // A message that is done keeps its id, without a body, until `ends`.
    ctx.storage.sql.exec(
      'CREATE TABLE IF NOT EXISTS messages (id TEXT PRIMARY KEY, body TEXT, attempts INTEGER NOT NULL, due INTEGER NOT NULL, ends INTEGER NOT NULL)',
    )
  }

  async add(id: string, body: string, endsMs: number): Promise<void> {
    this.ctx.storage.sql.exec(
      'INSERT OR IGNORE INTO messages VALUES (?, ?, 0, ?, ?)',
      id,
      body,
      Date.now(),
      endsMs,
    )
    await this.schedule()
  }

  /** One turn after the other, so that no message is on its way twice. */
  override alarm(): Promise<void> {
    // A turn that failed must not keep the next ones from beginning.
    this.turn = this.turn.catch(() => undefined).then(() => this.work())
    return this.turn
  }

  private async work(): Promise<void> {
    const { sql } = this.ctx.storage
    const nowMs = Date.now()
    const over = sql.exec<Row>('DELETE FROM messages WHERE ends <= ? RETURNING *', nowMs).toArray()
    for (const { id, body, attempts } of over)
      if (body !== null) consoleLog.write({ webhook: id, outcome: 'given up', attempts })
    const rows = sql
      .exec<Row>(
        'SELECT * FROM messages WHERE body IS NOT NULL AND due <= ? ORDER BY due LIMIT ?',
        nowMs,
        BATCH,
      )
      .toArray()
    const target = toTarget(this.env)
    if (target === null) this.drop()
    else await Promise.all(rows.map((row) => this.deliver(row, target)))
    await this.schedule()
  }

  private async deliver(row: Row, target: Target): Promise<void> {
    const { sql } = this.ctx.storage
    const status = await post(row, target)
    const [outcome, attempts] = [judgeAnswer(status), row.attempts + 1]
    consoleLog.write({ webhook: row.id, outcome, status, attempts })
    if (outcome === 'unwanted') this.drop()
    else if (outcome === 'delivered')
      sql.exec('UPDATE messages SET body = NULL, due = ends WHERE id = ?', row.id)
    else {
      const chance = (crypto.getRandomValues(new Uint8Array(1))[0] ?? 0) / 256
      const dueMs = Date.now() + toRetryMs(attempts, chance)
      const update = 'UPDATE messages SET attempts = ?, due = MIN(?, ends) WHERE id = ?'
      sql.exec(update, attempts, dueMs, row.id)
    }
  }

  /** Nobody wants what is queued: it is done. */
  private drop(): void {
    this.ctx.storage.sql.exec('UPDATE messages SET body = NULL, due = ends')
  }

  private async schedule(): Promise<void> {
    const { sql } = this.ctx.storage
    const next = sql.exec<{ due: number | null }>('SELECT MIN(due) AS due FROM messages').one().due
    if (next === null) await this.ctx.storage.deleteAlarm()
    else await this.ctx.storage.setAlarm(next)
  }
}

/** `isOn`: whether WEBHOOK is configured; without it nothing is called and nothing costs anything. */
export function createWebhooks(
  namespace: DurableObjectNamespace<Webhooks>,
  isOn: boolean,
): WebhooksPort {
  return {
    async send(event) {
      if (!isOn) return true
      try {
        const queue = namespace.get(namespace.idFromName('queue'))
        await queue.add(event.id, toBody(event), event.atMs + WEBHOOK_LIFE_MS)
        return true
      } catch {
        return false
      }
    },
  }
}
