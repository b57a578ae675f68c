// axe-core in a page of the browser: the rules of WCAG 2.2 AA and its best practices that the page breaks.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const script = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string }[]
}

/** Each as its rule and the first element that breaks it; without the rules that are named. */
export async function findViolations(
  page: Page,
  without: readonly string[] = [],
): Promise<string[]> {
  await page.evaluate(script)
  // An expression, as the code of a test has no window.
  const rules = Object.fromEntries(without.map((id) => [id, { enabled: false }]))
  const options = JSON.stringify({ runOnly: TAGS, rules })
  const call = `axe.run(${options}).then(({ violations }) => violations)`
  const violations: Violation[] = await page.evaluate(call)
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)
}
