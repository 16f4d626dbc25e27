import { VarveError } from '../../model/index.ts'

/** Bytes behind an http(s) URL. @throws IO_FAILED naming the URL and the answer */
export async function* fetchUrl(url: string): AsyncIterable<Uint8Array> {
  const response = await ask(url)
  if (!response.ok || response.body === null) {
    throw new VarveError('IO_FAILED', {
      what: `${url} answered ${response.status} ${response.statusText}.`,
      next: 'Check the address.',
      data: { url, status: response.status },
    })
  }
  for await (const chunk of response.body) yield chunk
}

async function ask(url: string): Promise<Response> {
  try {
    return await fetch(url)
  } catch (error) {
    throw new VarveError('IO_FAILED', {
      what: `Cannot fetch ${url}: ${reasonOf(error)}.`,
      next: 'Check the address, and that this machine reaches it.',
      data: { url },
      cause: error,
    })
  }
}

/** `fetch` says only "fetch failed"; why is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message
}
