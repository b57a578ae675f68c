// The address that a limit counts by: IPv4 whole, IPv6 by its /64, which is what one customer holds.

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
export const IPV4 = new RegExp(`^(?:${OCTET}\\.){3}${OCTET}$`)

function toGroups(text: string): string[] | null {
  if (text === '') return []
  const groups = text.split(':')
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) ? groups : null
}

/** A canonical subject, or null for a text that is no address. */
export function toSubjectIp(text: string): string | null {
  if (IPV4.test(text)) return text
  const mapped = /^::ffff:([\d.]+)$/i.exec(text)?.[1]
  if (mapped !== undefined) return IPV4.test(mapped) ? mapped : null
  const halves = text.split('::')
  if (halves.length > 2) return null
  const [head, tail] = [toGroups(halves[0] ?? ''), toGroups(halves[1] ?? '')]
  if (head === null || tail === null) return null
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null
  const groups = [...head, ...Array<string>(missing).fill('0'), ...tail]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
