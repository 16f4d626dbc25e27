import { isIP } from 'node:net'
import type { Dispatcher } from 'undici'
import type { AddressGuard } from './address-guard.ts'
import { guardedConnector } from './connector.ts'
import type { DnsCache } from './dns-cache.ts'
import type { FetchSettings } from './settings.ts'

export interface HttpAgent {
  /**
   * Finds out the addresses of the host, unless they are known (then undefined), so that the wait for
   * name servers is not taken from the request's time. What goes wrong is told by `send`.
   */
  resolve(url: URL): Promise<void> | undefined
  /**
   * The handler hears of errors; nothing is thrown for what the world did. `isFresh` takes a connection
   * of its own: of those that are kept, more than one may have been given up.
   */
  send(url: URL, request: AgentRequest, handler: Dispatcher.DispatchHandler): void
  close(): Promise<void>
}

export interface AgentRequest {
  /** Names and values in turn. */
  readonly headers: readonly string[]
  readonly isFresh: boolean
  /** Requests under way to the host, this one with them. */
  readonly underWay: number
  /** Counts up over the requests to the host. */
  readonly turn: number
}

type HttpClient = typeof import('undici')

/**
 * The client looks through a pool's connections, one by one, for one that is free. Of a host with more
 * requests under way than this there are several pools, which are used in turn.
 */
const poolConnections = 64

/** Policies and cookies of large sites go beyond the client's 16 KiB. */
const longestHeaders = 64 * 1024

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
  const options = agentOptions(client, settings, guard, dns)
  const open = (more: typeof options): Dispatcher =>
    isProxied
      ? proxyAgent(client, settings, { ...options, ...more })
      : new client.Agent({ ...options, ...more })
  const kept = new Map<number, Dispatcher>()
  const poolFor = ({ underWay, turn }: AgentRequest): Dispatcher => {
    const place = turn % Math.ceil(underWay / poolConnections)
    const pool = kept.get(place) ?? open({})
    kept.set(place, pool)
    return pool
  }
  let fresh: Dispatcher | undefined
  return {
    resolve({ hostname }) {
      if (isProxied || dns.knows(hostname) || isAddress(hostname)) return undefined
      return dns.addresses(hostname).then(nothing, nothing)
    },
    send(url, request, handler) {
      try {
        // Names behind a proxy are resolved by it, where we cannot look.
        if (isProxied) guard.checkName(url.hostname)
        const path = url.pathname + url.search
        const headers = request.headers as string[]
        // No pipelining at all is how the client is told to keep no connection.
        const dispatcher = request.isFresh
          ? (fresh ??= open({ pipelining: 0, allowH2: false }))
          : poolFor(request)
        dispatcher.dispatch({ origin: url.origin, path, method: 'GET', headers }, handler)
      } catch (error) {
        const fault = error instanceof Error ? error : new Error(String(error))
        handler.onResponseError?.(notStarted, fault)
      }
    },
    close: async () => {
      const all = fresh === undefined ? [...kept.values()] : [...kept.values(), fresh]
      await Promise.all(all.map((each) => each.destroy()))
    },
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
    maxHeaderSize: longestHeaders,
    headersTimeout: settings.timeoutMs,
    bodyTimeout: settings.timeoutMs,
    connect: guardedConnector(client, settings, guard, dns),
  }
}

/** The proxy itself is the operator's choice and is not judged. */
function proxyAgent(
  client: HttpClient,
  settings: FetchSettings,
  options: ConstructorParameters<HttpClient['Agent']>[0],
): Dispatcher {
  const tls = { rejectUnauthorized: !settings.ignoreCertificates, timeout: settings.timeoutMs }
  return new client.EnvHttpProxyAgent({
    ...options,
    requestTls: { ...tls, allowH2: true },
    proxyTls: { timeout: settings.timeoutMs },
    // Plain requests go to the proxy as they are, as every other client sends them.
    proxyTunnel: false,
  })
}

/** The variables curl and urllib read; lower case goes first. */
function hasProxy(): boolean {
  const { env } = process
  const names = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY']
  return names.some((name) => (env[name] ?? '') !== '')
}
