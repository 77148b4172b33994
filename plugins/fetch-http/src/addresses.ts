import { isIP } from 'node:net'

/** What kind of place an address is; everything that is not named here is `public`. */
export type Place = 'public' | Exclude<(typeof V4)[number][2] | (typeof V6)[number][2], 'embedded'>

// IANA's registries of special-purpose addresses (RFC 6890), and where clouds serve a machine its credentials.
const V4 = [
  ['192.0.0.192', 32, 'metadata'],
  ['100.100.100.200', 32, 'metadata'],
  ['169.254.0.0', 16, 'link-local'],
  ['0.0.0.0', 8, 'unspecified'],
  ['127.0.0.0', 8, 'loopback'],
  ['10.0.0.0', 8, 'private'],
  ['172.16.0.0', 12, 'private'],
  ['192.168.0.0', 16, 'private'],
  ['100.64.0.0', 10, 'carrier-grade NAT'],
  ['192.0.0.0', 24, 'private'],
  ['198.18.0.0', 15, 'private'],
  ['255.255.255.255', 32, 'broadcast'],
] as const
const V6 = [
  ['fd00:ec2::254', 128, 'metadata'],
  ['fe80::', 10, 'link-local'],
  ['::', 128, 'unspecified'],
  ['::1', 128, 'loopback'],
  ['fc00::', 7, 'unique-local'],
  ['fec0::', 10, 'private'],
  ['64:ff9b:1::', 48, 'private'],
  // an IPv4 address at the end: mapped, compatible, translated, NAT64
  ['::ffff:0:0', 96, 'embedded'],
  ['::', 96, 'embedded'],
  ['::ffff:0:0:0', 96, 'embedded'],
  ['64:ff9b::', 96, 'embedded'],
] as const
// 6to4 holds an IPv4 address after its prefix (RFC 3056)
const SIX_TO_FOUR = [0x20, 0x02]

/** The place of an IP address, as `dns.lookup` and URLs write it. */
export function placeOf(address: string): Place {
  const bare = address.replace(/%.*$/, '')
  if (isIP(bare) === 4) return v4Place(v4Bytes(bare))
  const bytes = v6Bytes(bare)
  if (bytes.slice(0, 2).join() === SIX_TO_FOUR.join()) return v4Place(bytes.slice(2, 6))
  const kind = V6.find(([prefix, bits]) => begins(bytes, v6Bytes(prefix), bits))?.[2] ?? 'public'
  return kind === 'embedded' ? v4Place(bytes.slice(12)) : kind
}

/**
 * The place of a URL's host where the URL alone tells it; undefined for a name that has to be looked up. URLs spell
 * addresses in one way only, whatever was written (`0x7f.1`, `[::ffff:127.0.0.1]`).
 */
export function literalPlace(url: URL): Place | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0) return placeOf(host)
  // RFC 6761 6.3
  return /(?:^|\.)localhost\.?$/.test(host) ? 'loopback' : undefined
}

/** `a private address` */
export function shownPlace(place: Place): string {
  return `${place === 'unspecified' ? 'an' : 'a'} ${place} address`
}

/** How much harm a redirect to such a place could do; where the first URL is itself, no more can be done from there. */
export function depthOf(place: Place): 0 | 1 | 2 {
  if (place === 'public') return 0
  return place === 'link-local' || place === 'metadata' ? 2 : 1
}

function v4Place(bytes: readonly number[]): Place {
  return V4.find(([prefix, bits]) => begins(bytes, v4Bytes(prefix), bits))?.[2] ?? 'public'
}

function v4Bytes(address: string): number[] {
  return address.split('.').map(Number)
}

function v6Bytes(address: string): number[] {
  // the URL parser writes any spelling as hexadecimal groups, with one `::` at most
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::')
  const groups = (text = '') =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
  const [before, after] = [groups(head), groups(tail)]
  const zeros = Array<number>(8 - before.length - after.length).fill(0)
  return [...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff])
}

function begins(bytes: readonly number[], prefix: readonly number[], bits: number): boolean {
  return prefix.every((byte, at) => {
    const shift = Math.min(Math.max(8 * (at + 1) - bits, 0), 8)
    return byte >> shift === (bytes[at] ?? 0) >> shift
  })
}
