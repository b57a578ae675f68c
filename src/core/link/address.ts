// Addresses and networks of IPv4 and IPv6 as numbers: whether one lies in the other, and how networks are counted.
import { IPV4 } from '../limit/address.ts'

/** 128 bits, or null for a text that is no address. IPv4 stands at ::ffff:0:0/96 (RFC 4291 §2.5.5.2). */
export function parseAddress(text: string): bigint | null {
  if (IPV4.test(text))
    return text.split('.').reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0xffffn)
  // The URL parser knows every way to write an IPv6 address, and writes it in one.
  const url = `http://[${text}]`
  if (!/^[\da-f:.]+$/i.test(text) || !URL.canParse(url)) return null
  const halves = new URL(url).hostname.slice(1, -1).split('::')
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill(''), ...tail]
  return BigInt(`0x${groups.map((group) => group.padStart(4, '0')).join('')}`)
}

const isIpv4 = (address: bigint): boolean => address >> 32n === 0xffffn

export interface Network {
  readonly address: bigint
  /** Bits below the prefix. */
  readonly rest: bigint
}

/** RFC 4632 and RFC 4291 §2.3; an address alone is a network of one. */
export function parseNetwork(text: string): Network | null {
  const [host = '', length, ...more] = text.split('/')
  const address = parseAddress(host)
  const bits = host.includes(':') ? 128 : 32
  if (address === null || more.length > 0) return null
  if (length !== undefined && !/^(0|[1-9]\d{0,2})$/.test(length)) return null
  const rest = bits - Number(length ?? bits)
  return rest < 0 ? null : { address, rest: BigInt(rest) }
}

/** No network of IPv6 holds an IPv4 address, however short its prefix: `::/0` is all of IPv6. */
export function isInNetwork(address: bigint, network: Network): boolean {
  const isSameFamily = isIpv4(address) === isIpv4(network.address)
  return isSameFamily && address >> network.rest === network.address >> network.rest
}

/** The network that a tripwire counts an address as: an IPv4 /24, an IPv6 /48. */
export function toNetwork(address: bigint): string {
  return (address >> (isIpv4(address) ? 8n : 80n)).toString(36)
}
