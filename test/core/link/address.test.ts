// Addresses and networks: every way to write one, against arithmetic on their bits.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  isInNetwork,
  parseAddress,
  parseNetwork,
  toNetwork,
} from '../../../src/core/link/address.ts'
import { isLike } from '../../../src/core/link/conditions.ts'

test.each([
  ['192.0.2.1', 0xffffc0000201n],
  ['::ffff:192.0.2.1', 0xffffc0000201n],
  ['::FFFF:c000:201', 0xffffc0000201n],
  ['::', 0n],
  ['::1', 1n],
  ['2001:db8::', 0x20010db8n << 96n],
  ['1:2:3:4:5:6:7:8', 0x00010002000300040005000600070008n],
  ['1:2:3:4:5:6:7::', 0x00010002000300040005000600070000n],
])('%s', (text, bits) => {
  expect(parseAddress(text)).toBe(bits)
})

test.each([
  '',
  '1',
  '1.2.3',
  '1.2.3.4.5',
  '256.0.0.1',
  '01.2.3.4',
  '0x7f.0.0.1',
  '1.2.3.4 ',
  '1:2',
  ':::',
  '1::2::3',
  '::1%eth0',
  '[::1]',
  '::1]/x[',
  '::g',
  '1:2:3:4:5:6:7:8:9',
  '::1.2.3',
  '١.2.3.4',
  'localhost',
])('%j is no address', (text) => {
  expect(parseAddress(text)).toBeNull()
})

test.each([
  '1.2.3.4/33',
  '1.2.3.4/-1',
  '1.2.3.4/',
  '1.2.3.4/08',
  '::/129',
  '::/1/2',
  '/8',
  '1.2.3.4/a',
])('%j is no network', (text) => {
  expect(parseNetwork(text)).toBeNull()
})

const v4 = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 }).map((octets) => octets.join('.'))
const v6 = fc.ipV6()

test('an address lies in a network iff their first bits are the same', () => {
  fc.assert(
    fc.property(fc.oneof(v4, v6), fc.oneof(v4, v6), fc.nat(128), (one, other, length) => {
      const width = one.includes(':') ? 128 : 32
      const bits = Math.min(length, width)
      const [network, address] = [parseNetwork(`${one}/${bits}`), parseAddress(other)]
      const own = parseAddress(one)
      if (network === null || address === null || own === null) throw new Error('not parsed')
      const first = (value: bigint): string =>
        value
          .toString(2)
          .padStart(128, '0')
          .slice(0, 128 - width + bits)
      expect(isInNetwork(own, network)).toBe(true)
      const isMapped = (value: bigint): boolean => value >> 32n === 0xffffn
      const isSameFamily = isMapped(own) === isMapped(address)
      expect(isInNetwork(address, network)).toBe(isSameFamily && first(own) === first(address))
    }),
  )
})

test.each([
  ['192.0.2.1', '::/0', false],
  ['192.0.2.1', '::/64', false],
  ['2001:db8::1', '::/0', true],
  ['2001:db8::1', '0.0.0.0/0', false],
  ['192.0.2.1', '0.0.0.0/0', true],
  ['192.0.2.1', '::ffff:0:0/96', true],
  ['::ffff:192.0.2.1', '192.0.2.0/24', true],
])('%s in %s: %s', (address, network, isIn) => {
  const [own, all] = [parseAddress(address), parseNetwork(network)]
  if (own === null || all === null) throw new Error('not parsed')
  expect(isInNetwork(own, all)).toBe(isIn)
})

test('a tripwire counts IPv4 by /24 and IPv6 by /48', () => {
  const of = (text: string): string => toNetwork(parseAddress(text) ?? 0n)
  expect(of('192.0.2.1')).toBe(of('192.0.2.255'))
  expect(of('192.0.2.1')).not.toBe(of('192.0.3.1'))
  expect(of('2001:db8:1::')).toBe(of('2001:db8:1:ffff::1'))
  expect(of('2001:db8:1::')).not.toBe(of('2001:db8:2::'))
})

const glyph = fc.constantFrom('a', 'b', '*', '.', '+')
test('a pattern of user agents is like the regular expression that it is not', () => {
  fc.assert(
    fc.property(
      fc.array(glyph, { maxLength: 8 }),
      fc.array(glyph, { maxLength: 12 }),
      (wild, plain) => {
        const pattern = wild.join('')
        const escaped = pattern.replace(/[.+]/g, '\\$&').replaceAll('*', '[^]*')
        const text = plain.join('').toUpperCase()
        expect(isLike(text, pattern)).toBe(new RegExp(`^${escaped}$`, 'i').test(text))
      },
    ),
    { numRuns: 3000 },
  )
})
