// Bodies that do not fit: wrong values at any place of a fitting one, members twice, and bytes that are no JSON at all.
import type { Chance } from './chance.ts'

const ODD_TEXTS = [
  '',
  ' ',
  'text/plain\r\nX: y',
  ...'0 1 __proto__ \u0000 \ud800 \u202e ../x users/alice/ / * https://evil.test 2026-13-45T00:00:00Z é e\u0301 \ufeff'.split(
    ' ',
  ),
]
const ODD_NUMBERS = [0, -1, 1.5, 1e21, Number.MAX_SAFE_INTEGER + 2]
const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  false,
  ...ODD_NUMBERS,
  ...ODD_TEXTS,
  [],
  [[]],
  {},
  [null],
  { a: 1 },
  ['x', 'x'],
]

/** Texts that JSON.stringify never makes. */
const RAW_VALUES = [
  ...'1e400 -0 01 1. NaN "\\ud800" "\\u0000" "\t" [1,] {"a":1,"a":2}'.split(' '),
  "'x'",
  '[1 2]',
  '9'.repeat(400),
  `"${'x'.repeat(100_000)}"`,
]

const WHOLE: readonly string[] = [
  '',
  ' ',
  '{} {}',
  ...'[] null 0 "x" { {} {"":1} {"__proto__":{"size":1}} {"constructor":1} \ufeff{} a=b&c=d password=open+sesame <x/> {"a":1}// {"a":1,}'.split(
    ' ',
  ),
  `${'['.repeat(5000)}${']'.repeat(5000)}`,
  `${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`,
  `{"x":"${'y'.repeat(70_000)}"}`,
]

/** Puts `odd` at a random place of the value; a text marks the place, so that raw JSON may stand there. */
const PLACE = '@place@'

function place(value: unknown, chance: Chance): unknown {
  if (Array.isArray(value) && value.length > 0 && !chance.once(3)) {
    const at = chance.below(value.length)
    return value.map((entry: unknown, index) => (index === at ? place(entry, chance) : entry))
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const entries = Object.entries(value)
    const at = chance.below(entries.length + 1)
    if (at === entries.length)
      return { ...value, [chance.pick(['x', 'size', 'key', 'toString', '', 'é'])]: PLACE }
    const changed = entries.map(([name, member], index) =>
      index === at ? [name, chance.once(2) ? place(member, chance) : PLACE] : [name, member],
    )
    return Object.fromEntries(changed)
  }
  return PLACE
}

/** A member gone. */
function thin(value: unknown, chance: Chance): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
  const entries = Object.entries(value)
  const at = chance.below(Math.max(1, entries.length))
  return Object.fromEntries(entries.filter((_, index) => index !== at))
}

/** The first member a second time. */
function repeat(text: string): string {
  const first = /^\{("(?:[^"\\]|\\.)*":(?:"(?:[^"\\]|\\.)*"|[\w.-]+))/.exec(text)?.[1]
  return first === undefined ? text : `{${first},${text.slice(1)}`
}

export function breakBody(value: unknown, chance: Chance): Buffer {
  const fitting = JSON.stringify(value ?? {})
  switch (chance.below(8)) {
    case 0:
      return Buffer.from(chance.pick(WHOLE) ?? '')
    case 1:
      return Buffer.from(repeat(fitting))
    case 2:
      return Buffer.from(JSON.stringify(thin(value, chance)))
    case 3: {
      const bytes = Buffer.from(fitting)
      const at = chance.below(Math.max(1, bytes.length))
      bytes[at] = chance.below(256)
      return chance.once(2) ? bytes : bytes.subarray(0, at)
    }
    case 4:
      return Buffer.from(fitting, chance.once(2) ? 'utf16le' : 'latin1')
    default: {
      const text = JSON.stringify(place(value ?? {}, chance))
      const odd = chance.once(3)
        ? (chance.pick(RAW_VALUES) ?? '')
        : JSON.stringify(chance.pick(ODD_VALUES) ?? null)
      return Buffer.from(text.replace(`"${PLACE}"`, () => odd))
    }
  }
}
