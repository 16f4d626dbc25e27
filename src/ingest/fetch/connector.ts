import { isIP, type LookupFunction } from 'node:net'
import type { AddressGuard } from './address-guard.ts'
import type { DnsCache } from './dns-cache.ts'
import type { FetchSettings } from './settings.ts'
import { SharedReadSocket } from './shared-read-socket.ts'

type HttpClient = typeof import('undici')
type Connector = ReturnType<HttpClient['buildConnector']>

/** The client's own interval. */
const probeAfterMs = 60_000

/** Connects to the addresses that were judged, so that a name cannot change its mind in between. */
export function guardedConnector(
  client: HttpClient,
  settings: FetchSettings,
  guard: AddressGuard,
  dns: DnsCache,
): Connector {
  const lookup: LookupFunction = (hostname, options, reply) => {
    dns.addresses(hostname).then(
      (found) => answer(() => guard.check(hostname, found), options.all === true, reply),
      (error: NodeJS.ErrnoException) => reply(error, ''),
    )
  }
  const connectPlain = plainConnector(client, settings.timeoutMs, lookup)
  const connectSecure = client.buildConnector({
    allowH2: true,
    timeout: settings.timeoutMs,
    rejectUnauthorized: !settings.ignoreCertificates,
    lookup,
  })
  return (options, callback) => {
    try {
      // An address needs no lookup and would slip past.
      if (isIP(options.hostname) !== 0) guard.check(options.hostname, [options.hostname])
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)), null)
      return
    }
    if (options.protocol === 'https:') connectSecure(options, callback)
    else connectPlain(options, callback)
  }
}

/** As the client connects for `http:`, with sockets that share what they read into. */
function plainConnector(client: HttpClient, timeoutMs: number, lookup: LookupFunction): Connector {
  return ({ hostname, port }, callback) => {
    const socket = new SharedReadSocket()
    const timer = setTimeout(() => {
      const text = `no connection to ${hostname} within ${timeoutMs} ms`
      socket.destroy(new client.errors.ConnectTimeoutError(text))
    }, timeoutMs)
    let isTold = false
    const tell = (...told: Parameters<typeof callback>): void => {
      clearTimeout(timer)
      // What goes wrong later the client hears from the socket.
      if (!isTold) callback(...told)
      isTold = true
    }
    socket.once('connect', () => tell(null, socket))
    socket.on('error', (error) => tell(error, null))
    socket.setKeepAlive(true, probeAfterMs)
    socket.setNoDelay(true)
    socket.connect({ host: hostname, port: port === '' ? 80 : Number(port), lookup })
  }
}

function answer(
  judged: () => readonly string[],
  wantsAll: boolean,
  callback: Parameters<LookupFunction>[2],
): void {
  try {
    const all = judged().map((address) => ({ address, family: isIP(address) }))
    const [first = { address: '', family: 0 }] = all
    if (wantsAll) callback(null, all)
    else callback(null, first.address, first.family)
  } catch (error) {
    callback(error instanceof Error ? error : new Error(String(error)), '')
  }
}
