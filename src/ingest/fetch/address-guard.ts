import { BlockList, isIP, isIPv4 } from 'node:net'
import { VarveError } from '../../model/index.ts'

/** Ranges that are not for the public, IANA special-purpose registries (RFC 6890 and later). */
const closedRanges: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

/** All of IPv6 that is handed out to the public so far; private, local and multicast lie outside. */
const publicIpv6 = ['2000::', 3] as const
/** IPv4 addresses written as IPv6: mapped (RFC 4291), and through a translator (RFC 6052). */
const mapped = /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/

export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
  readonly code = 'VARVE_ADDRESS_REFUSED'
}

/**
 * Keeps a list of URLs from reaching into the network we run in. Names are judged by what they resolve
 * to, and the connection goes to the very address that was judged.
 */
export class AddressGuard {
  readonly #closed = new BlockList()
  readonly #public = new BlockList()
  readonly #allowedRanges = new BlockList()
  readonly #allowedNames = new Set<string>()

  /** `allow` holds host names, addresses and CIDR ranges. @throws VarveError USAGE for others. */
  constructor(allow: readonly string[]) {
    for (const [network, bits] of closedRanges) addRange(this.#closed, network, bits)
    addRange(this.#public, ...publicIpv6)
    for (const entry of allow) this.#allow(entry.trim().toLowerCase())
  }

  #allow(entry: string): void {
    const [network = '', bits] = bare(entry).split('/')
    const longest = isIPv4(network) ? 32 : 128
    const length = bits === undefined ? longest : Number(bits)
    const isRange = isIP(network) !== 0
    if (!isRange && bits === undefined && entry !== '') this.#allowedNames.add(entry)
    else if (isRange && Number.isInteger(length) && length >= 0 && length <= longest) {
      addRange(this.#allowedRanges, network, length)
    } else {
      const what = `'${entry}' is no host name, address or CIDR range that could be allowed`
      throw new VarveError('USAGE', { what })
    }
  }

  /** The addresses of `hostname` that may be connected to. @throws AddressRefused when none may. */
  check(hostname: string, addresses: readonly string[]): readonly string[] {
    if (this.#allowedNames.has(hostname.toLowerCase())) return addresses
    const open = addresses.filter((address) => this.#isOpen(address))
    if (open.length > 0) return open
    throw new AddressRefused(`address not public, nor in --allow: ${addresses.join(', ')}`)
  }

  /** For a host whose name somebody else resolves, a proxy: only what the name itself tells. */
  checkName(hostname: string): void {
    const host = bare(hostname)
    if (isIP(host) !== 0) this.check(host, [host])
    if (!/(^|\.)localhost\.?$/i.test(host) || this.#allowedNames.has(host.toLowerCase())) return
    throw new AddressRefused(`address not public, nor in --allow: ${host}`)
  }

  #isOpen(address: string): boolean {
    const plain = address.replace(/%.*$/, '')
    if (contains(this.#allowedRanges, plain)) return true
    if (isIPv4(plain)) return !contains(this.#closed, plain)
    const inner = innerIpv4(plain)
    if (inner !== undefined) return this.#isOpen(inner)
    return contains(this.#public, plain) && !contains(this.#closed, plain)
  }
}

/** Without the brackets of a URL. */
function bare(host: string): string {
  return host.startsWith('[') ? host.replace(/^\[|\]/g, '') : host
}

function addRange(list: BlockList, network: string, bits: number): void {
  list.addSubnet(network, bits, family(network))
}

function contains(list: BlockList, address: string): boolean {
  return list.check(address, family(address))
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6'
}

/** `::ffff:10.0.0.1` and its other spellings, read as the URL standard spells addresses. */
function innerIpv4(address: string): string | undefined {
  const host = URL.parse(`http://[${address}]`)?.hostname.slice(1, -1)
  const [, high, low] = mapped.exec(host ?? '') ?? []
  if (high === undefined || low === undefined) return undefined
  const value = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return value.flatMap((part) => [part >> 8, part & 0xff]).join('.')
}
