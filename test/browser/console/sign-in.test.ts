// Signing in to the console: by a pasted token, by the application's cookie, without cookies; and signing out.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from '../../support/browser.ts'
import { createClient, gateway, tokenOf } from '../../support/s3/client.ts'
import { startGateway } from '../../support/s3/gateway.ts'
import { type Console, inspect, leave, openConsole, signIn } from './page.ts'

let browser: Browser
let it: Console
let page: Page
beforeAll(async () => {
  browser = await launchBrowser()
}, 60_000)
afterAll(() => browser.close())
beforeEach(async () => {
  it = await openConsole(browser, 'ada')
  page = it.page
})
afterEach(({ task }) => leave(it, task))

/** All that a page could read again. */
const kept = (of: Page): Promise<string> =>
  of.evaluate(() => JSON.stringify([location.href, localStorage, sessionStorage, document.cookie]))

const start = (of: Page) => of.getByLabel('Session token')

test('the first page asks for a token and looks as it should', async () => {
  await start(page).waitFor()
  expect(await start(page).evaluate((field) => field === document.activeElement)).toBe(true)
  await inspect(it, 'sign-in')
})

test('a token that is not valid is refused in words, with the id of the request', async () => {
  const token = `${await tokenOf(it.sub)}x`
  await start(page).fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('The session token is not valid.').first().waitFor()
  await page.getByText('Sign in again with a fresh token.').first().waitFor()
  expect(await page.locator('.notice code').textContent()).toMatch(/^[\w-]{16}$/)
  expect(await page.getByRole('status').textContent()).toContain('The session token is not valid.')
  expect(await kept(page)).not.toContain(token.slice(0, 20))
  await inspect(it, 'sign-in-refused')
})

describe('with the cookie of the gateway', () => {
  test('a pasted line of a shell will do; the session survives a reload, and ends with signing out', async () => {
    const token = await tokenOf(it.sub)
    await signIn(it, `export TOKEN=${token}`)
    await page.getByRole('banner').getByText(it.sub).waitFor()
    expect(await kept(page)).not.toContain(token.slice(0, 20))
    await page.reload()
    await page.getByRole('banner').getByText(it.sub).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await start(page).waitFor()
    await page.reload()
    await start(page).waitFor()
    expect(await it.context.cookies()).toEqual([])
  })

  test('whom the application has signed in is asked for nothing', async () => {
    const headers = { Authorization: `Bearer ${await tokenOf(it.sub)}` }
    const answer = await it.context.request.post(`${gateway.url}/v1/session`, { headers })
    expect(answer.status()).toBe(204)
    await page.reload()
    await page.getByRole('banner').getByText(it.sub).waitFor()
  })

  test('a session that has ended says so, and leads to the start', async () => {
    await signIn(it)
    await page.getByText('Nothing here yet').waitFor()
    await it.context.clearCookies()
    await page.getByRole('button', { name: 'Reload the list' }).click()
    await page.getByRole('button', { name: 'Sign in again' }).click()
    await start(page).waitFor()
    expect(await page.getByRole('navigation').count()).toBe(0)
  })
})

test('without cookies the token lives in the page alone', async () => {
  const { facts, stop } = await startGateway(() => ({ SESSION: undefined }), gateway.script)
  const { tokenOf: tokenFor } = createClient(facts)
  const own = await openConsole(browser, 'ada', facts.url)
  const token = await tokenFor(own.sub)
  await signIn(own, token)
  await own.page.getByText('Nothing here yet').waitFor()
  expect(await own.context.cookies()).toEqual([])
  expect(await kept(own.page)).not.toContain(token.slice(0, 20))
  await own.page.reload()
  await start(own.page).waitFor()
  await own.context.close()
  await stop()
})
