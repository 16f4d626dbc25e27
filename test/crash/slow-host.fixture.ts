import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One row of a list for this host, with what must become of it. */
export interface PlannedRow {
  readonly url: string
  readonly status: 'success' | 'failed_to_download' | 'duplicate'
  /** SHA-256 of the body of a success. */
  readonly digest?: string
}

/** A host with many small bodies; as slow as it is told to be. */
export interface SlowHost {
  /** Pause before every answer. */
  delayMs: number
  /** Requests so far. */
  readonly requests: number
  /** Resolves when there were so many requests. */
  reach(requests: number): Promise<void>
  /** Rows of which some repeat a URL, some a body, and some lead nowhere. */
  plan(count: number, fraction: () => number): readonly PlannedRow[]
  close(): Promise<void>
}

const [missing, sameUrl, sameBody] = [0.02, 0.05, 0.05]

/** Listens on this machine only. The path is `/<number of the body>/<number of the row>`. */
export async function openSlowHost(): Promise<SlowHost> {
  let waiting: { readonly requests: number; readonly tell: () => void }[] = []
  const server = createServer((request, response) => {
    host.requests += 1
    for (const { requests, tell } of waiting) if (host.requests >= requests) tell()
    waiting = waiting.filter(({ requests }) => host.requests < requests)
    const body = /^\/(\d+)\//.exec(request.url ?? '')?.[1]
    setTimeout(() => {
      response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'text/plain' })
      response.end(body === undefined ? 'nothing here' : bodyOf(Number(body)))
    }, host.delayMs)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const host = {
    delayMs: 0,
    requests: 0,
    reach: async (requests: number) =>
      new Promise<void>((tell) => void waiting.push({ requests, tell })),
    plan: (count: number, fraction: () => number) => planOf(origin, count, fraction),
    close: async () => {
      waiting = []
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return host
}

function planOf(origin: string, count: number, fraction: () => number): readonly PlannedRow[] {
  const rows: PlannedRow[] = []
  for (let row = 0; row < count; row++) {
    const kind = fraction()
    const earlier = Math.floor(fraction() * row)
    const repeated = kind < sameUrl ? rows[earlier] : undefined
    if (repeated !== undefined) {
      rows.push({ url: repeated.url, status: 'duplicate' })
    } else if (kind < sameUrl + missing) {
      rows.push({ url: `${origin}/nowhere/${row}`, status: 'failed_to_download' })
    } else {
      const body = kind < sameUrl + missing + sameBody ? earlier : row
      const digest = createHash('sha256').update(bodyOf(body)).digest('hex')
      rows.push({ url: `${origin}/${body}/${row}`, status: 'success', digest })
    }
  }
  return rows
}

function bodyOf(body: number): string {
  return `body ${body}\n`.repeat(1 + (body % 40))
}
