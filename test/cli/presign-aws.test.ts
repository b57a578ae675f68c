// `postern presign` beside `aws s3 presign` of the AWS command line, version 1: what is signed is the same, byte for byte.
import { describe, expect, test } from 'vitest'
import file from '../vectors/aws-cli/vectors.json'
import { runAws } from '../support/aws-env.ts'
import { toComparable, toMs } from '../support/signing-vectors.ts'

type Vector = (typeof file.vectors)[number]

const presign = ({ args, ...rest }: Pick<Vector, 'args' | 'env' | 'config' | 'credentials'>) =>
  runAws(['presign', ...args], { ...rest, now: () => toMs(file.clock) })

/** The host is signed in lower case. */
const toSigned = (url: string): string =>
  toComparable(url.replace(/^https?:\/\/[^/]+/, (origin) => origin.toLowerCase()))

/** Command lines that give another URL, on purpose: docs/cli.md says so. */
function isDifferent({ args }: Vector): boolean {
  // Folded away by clients.
  const isDotted = /\/\.{1,2}(?:\/|$)/.test(args[0] ?? '')
  // No such bucket can be made; the AWS tool leaves out the region, or puts a name before an address.
  return isDotted || args[0] === 's3://UPPER/test.txt' || args[0] === 's3://a.b/t'
}

const same = file.vectors.filter((vector) => !isDifferent(vector))

test('there are enough of them', () => {
  expect(same.length).toBeGreaterThan(300)
  expect(file.vectors.length - same.length).toBeLessThan(10)
})

test.each(
  same.map((vector) => ({ name: JSON.stringify([vector.args, vector.env]).slice(0, 160), vector })),
)('$name', async ({ vector }) => {
  const { code, out } = await presign(vector)
  expect(code).toBe(0)
  expect(toSigned(out.trimEnd())).toBe(toSigned(vector.url))
})

describe('different on purpose', () => {
  test.each(['.', '..', 'a/../b', './a', 'a/.'])('the key %s is refused', async (key) => {
    const [vector] = same
    if (vector === undefined) throw new Error('no vectors')
    const { code, out, err } = await presign({ ...vector, args: [`s3://examplebucket/${key}`] })
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('which clients fold away')
  })
})
