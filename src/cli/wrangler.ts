// wrangler, as the project has it in whose folder the command runs: it reads wrangler.toml, and knows the account.
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { unstable_readConfig } from 'wrangler'
import { Failure } from './frame/usage.ts'

export type WranglerConfig = ReturnType<typeof unstable_readConfig>

function findWrangler(cwd: string): string {
  // Beside the command where it is installed with it; else where the command is run.
  for (const from of [join(cwd, 'package.json'), import.meta.url]) {
    try {
      return createRequire(from).resolve('wrangler/package.json')
    } catch {
      continue
    }
  }
  throw new Failure('wrangler is not installed here: npm install --save-dev wrangler')
}

/** wrangler's own reading of wrangler.toml. It takes a second to load; usage errors need not wait for it. */
export async function readWranglerConfig(
  cwd: string,
  config: string,
  env: string | undefined,
): Promise<WranglerConfig> {
  const path = createRequire(findWrangler(cwd)).resolve('wrangler')
  const wrangler: { readonly unstable_readConfig: typeof unstable_readConfig } = await import(
    pathToFileURL(path).href
  )
  return wrangler.unstable_readConfig(
    { config, ...(env !== undefined && { env }) },
    { hideWarnings: true },
  )
}

/** Whether it succeeded; what it says of errors goes to standard error. */
export function runWrangler(cwd: string, args: readonly string[]): Promise<boolean> {
  const main = join(dirname(findWrangler(cwd)), 'bin/wrangler.js')
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, ...args], { cwd }, (error) =>
      resolve(error === null),
    )
    child.stderr?.pipe(process.stderr)
  })
}
