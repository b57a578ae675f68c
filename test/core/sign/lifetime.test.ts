// The life of a URL is the least of every bound, and never outlives the credentials that sign it.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_EXPIRES_SECONDS, toLifetime } from '../../../src/core/sign/lifetime.ts'

const seconds = fc.integer({ min: 1, max: 10 * 86_400 })

test('the least of asked, grant, token, credentials and seven days', () => {
  fc.assert(
    fc.property(
      fc.option(seconds, { nil: undefined }),
      seconds,
      seconds,
      fc.option(seconds, { nil: undefined }),
      fc.integer({ min: 1_000_000_000_000, max: 4_000_000_000_000 }),
      (asked, granted, token, credentials, nowMs) => {
        const nowSeconds = Math.floor(nowMs / 1000)
        const life = toLifetime(
          { maxExpiresSeconds: granted },
          { expiresAtSeconds: nowSeconds + token },
          credentials === undefined ? {} : { expiresAtSeconds: nowSeconds + credentials },
          asked,
          nowMs,
        )
        const bounds = [asked ?? 900, granted, token, credentials ?? Infinity, MAX_EXPIRES_SECONDS]
        const expiresInSeconds = Math.min(...bounds)
        expect(life).toEqual({
          ok: true,
          value: { expiresInSeconds, expiresAtSeconds: nowSeconds + expiresInSeconds },
        })
      },
    ),
  )
})
