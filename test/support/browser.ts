// A headless Chromium for tests: the one that CHROME_PATH names, the system's, or the one from npm (Linux x64).
import { existsSync } from 'node:fs'
import chromium from '@sparticuz/chromium'
import { type Browser, type BrowserContext, chromium as driver } from 'playwright-core'

const SYSTEM_PATHS = [
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]
/** Nothing that a test does may leave this machine. */
const QUIET = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--no-sandbox',
  '--disable-gpu',
  // A page that a test makes up comes from nowhere; its gateway and S3 are on this machine.
  '--disable-features=LocalNetworkAccessChecks',
]

/** Without a locale Chromium cannot find files whose names are not ASCII; a checkout in CI may have none. */
const env = { ...process.env, LC_ALL: 'C.UTF-8' }

async function findBrowser(): Promise<string> {
  const { CHROME_PATH } = process.env
  const own = CHROME_PATH ?? SYSTEM_PATHS.find(existsSync)
  if (own !== undefined) return own
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error('No Chrome or Chromium found: set CHROME_PATH to one.')
  // Not its own args: they switch CORS off and run everything in one process.
  return chromium.executablePath()
}

/** A busy machine is slow, not wrong: what never comes fails all the same. */
const PATIENCE_MS = 150_000

export async function launchBrowser(): Promise<Browser> {
  const browser = await driver.launch({ executablePath: await findBrowser(), args: QUIET, env })
  browser.on('context', (context) => context.setDefaultTimeout(PATIENCE_MS))
  return browser
}

/** One that keeps what pages store in this folder, as a user's does; closing it ends the browser. */
export async function launchProfile(folder: string): Promise<BrowserContext> {
  const context = await driver.launchPersistentContext(folder, {
    executablePath: await findBrowser(),
    args: QUIET,
    env,
  })
  context.setDefaultTimeout(PATIENCE_MS)
  return context
}
