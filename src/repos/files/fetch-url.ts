import { VarveError } from '../../model/index.ts'

/** Bytes behind an http(s) URL. @throws IO_FAILED naming the URL and the answer */
export async function* fetchUrl(url: string): AsyncIterable<Uint8Array> {
  const response = await ask(url)
  if (!response.ok || response.body === null) {
    throw new VarveError('IO_FAILED', {
      what: `${url} answered ${response.status} ${response.statusText}.`,
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
      what: `Cannot fetch ${url}: ${error instanceof Error ? error.message : String(error)}.`,
      data: { url },
      cause: error,
    })
  }
}
