import { isIP, type LookupFunction } from 'node:net'
import type { Dispatcher } from 'undici'
import type { AddressGuard } from './address-guard.ts'
import type { DnsCache } from './dns-cache.ts'
import type { FetchSettings } from './settings.ts'

export interface HttpAgent {
  /**
   * Finds out the addresses of the host, unless they are known (then undefined), so that the wait for
   * name servers is not taken from the request's time. What goes wrong is told by `send`.
   */
  resolve(url: URL): Promise<void> | undefined
  /** The handler hears of errors; nothing is thrown for what the world did. */
  send(url: URL, headers: readonly string[], handler: Dispatcher.DispatchHandler): void
  close(): Promise<void>
}

type HttpClient = typeof import('undici')

/**
 * Pooled connections to all origins: keep-alive over HTTP/1.1 with one request at a time on each,
 * HTTP/2 where the server offers it. The only file that knows the HTTP client.
 */
export async function openHttpAgent(
  settings: FetchSettings,
  guard: AddressGuard,
  dns: DnsCache,
): Promise<HttpAgent> {
  const client = await import('undici')
  const isProxied = settings.proxy && hasProxy()
  const dispatcher = isProxied
    ? proxyAgent(client, settings, guard, dns)
    : new client.Agent(agentOptions(client, settings, guard, dns))
  return {
    resolve({ hostname }) {
      if (isProxied || dns.knows(hostname) || isAddress(hostname)) return undefined
      return dns.addresses(hostname).then(nothing, nothing)
    },
    send(url, headers, handler) {
      try {
        // Names behind a proxy are resolved by it, where we cannot look.
        if (isProxied) guard.checkName(url.hostname)
        const path = url.pathname + url.search
        const list = headers as string[]
        dispatcher.dispatch({ origin: url.origin, path, method: 'GET', headers: list }, handler)
      } catch (error) {
        const fault = error instanceof Error ? error : new Error(String(error))
        handler.onResponseError?.(notStarted, fault)
      }
    },
    close: () => dispatcher.destroy(),
  }
}

function nothing(): void {}

/** Whether a host name of a URL is an address; IPv6 stands in brackets there. */
function isAddress(hostname: string): boolean {
  return hostname.startsWith('[') || isIP(hostname) !== 0
}

/** Stands for the controller of a request that never began. */
const notStarted: Dispatcher.DispatchController = {
  aborted: true,
  paused: false,
  reason: null,
  rawHeaders: null,
  rawTrailers: null,
  abort: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
}

function agentOptions(
  client: HttpClient,
  settings: FetchSettings,
  guard: AddressGuard,
  dns: DnsCache,
): ConstructorParameters<HttpClient['Agent']>[0] {
  return {
    connections: settings.hostConcurrency,
    allowH2: true,
    // A host that matters is asked again by then. Of a million hosts most are not, and a connection
    // costs 25 KB and a descriptor; their servers would let us hold on to it for minutes.
    keepAliveTimeout: 1500,
    keepAliveMaxTimeout: 1500,
    headersTimeout: settings.timeoutMs,
    bodyTimeout: settings.timeoutMs,
    connect: guardedConnector(client, settings, guard, dns),
  }
}

/** The proxy itself is the operator's choice and is not judged. */
function proxyAgent(
  client: HttpClient,
  settings: FetchSettings,
  guard: AddressGuard,
  dns: DnsCache,
): Dispatcher {
  const tls = { rejectUnauthorized: !settings.ignoreCertificates, timeout: settings.timeoutMs }
  return new client.EnvHttpProxyAgent({
    ...agentOptions(client, settings, guard, dns),
    requestTls: { ...tls, allowH2: true },
    proxyTls: { timeout: settings.timeoutMs },
    // Plain requests go to the proxy as they are, as every other client sends them.
    proxyTunnel: false,
  })
}

/** Connects to the addresses that were judged, so that a name cannot change its mind in between. */
function guardedConnector(
  client: HttpClient,
  settings: FetchSettings,
  guard: AddressGuard,
  dns: DnsCache,
): ReturnType<HttpClient['buildConnector']> {
  const lookup: LookupFunction = (hostname, options, reply) => {
    dns.addresses(hostname).then(
      (found) => answer(() => guard.check(hostname, found), options.all === true, reply),
      (error: NodeJS.ErrnoException) => reply(error, ''),
    )
  }
  const connect = client.buildConnector({
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
    connect(options, callback)
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

/** The variables curl and urllib read; lower case goes first. */
function hasProxy(): boolean {
  const { env } = process
  const names = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY']
  return names.some((name) => (env[name] ?? '') !== '')
}
