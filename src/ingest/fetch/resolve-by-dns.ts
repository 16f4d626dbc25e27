import { Resolver } from 'node:dns/promises'
import { lookup } from 'node:dns/promises'
import { systemCode } from '../../util/index.ts'
import type { Resolve } from './types.ts'

/** Names without a dot and those of the local network are not in the public DNS. */
const local = /^[^.]+$|\.(local|localhost|internal|home\.arpa)$/i

/**
 * Asks name servers directly: the operating system's resolver would block one of the few threads that
 * all file access shares, for seconds when a server is slow. Only local names, and names the DNS does
 * not know (they may stand in the hosts file), go through the operating system.
 */
export const resolveByDns: Resolve = async (hostname) => {
  if (local.test(hostname)) return throughSystem(hostname)
  try {
    return await throughDns(hostname)
  } catch (error) {
    if (isOneOf(error, ['ENOTFOUND', 'ECONNREFUSED'])) return throughSystem(hostname)
    throw error
  }
}

const resolver = new Resolver({ timeout: 3000, tries: 2 })

async function throughDns(hostname: string): ReturnType<Resolve> {
  try {
    return answer(await resolver.resolve4(hostname, { ttl: true }))
  } catch (error) {
    // The name exists and has no IPv4 address.
    if (!isOneOf(error, ['ENODATA'])) throw error
    return answer(await resolver.resolve6(hostname, { ttl: true }))
  }
}

function answer(
  records: readonly { readonly address: string; readonly ttl: number }[],
): Awaited<ReturnType<Resolve>> {
  const ttlSeconds = Math.min(...records.map((record) => record.ttl))
  return { addresses: records.map((record) => record.address), ttlSeconds }
}

async function throughSystem(hostname: string): ReturnType<Resolve> {
  const found = await lookup(hostname, { all: true, order: 'ipv4first' })
  return { addresses: found.map((entry) => entry.address) }
}

function isOneOf(error: unknown, codes: readonly string[]): boolean {
  return codes.includes(systemCode(error) ?? '')
}
