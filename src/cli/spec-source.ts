import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { SpecSource } from '../engine/index.ts'
import { VarveError } from '../model/index.ts'
import type { Cli } from './cli.ts'

export const mostSpecBytes = 16 * 1024 * 1024

/** The text of a spec: a file, a URL, or stdin for "-". One element, so that lists can be joined. */
export async function readSpec(cli: Cli, file: string): Promise<[SpecSource]> {
  if (file === '-') return [{ file: '<stdin>', text: await readAll(cli) }]
  if (/^https?:\/\//.test(file)) return [{ file, text: await download(file, cli.signal) }]
  return [{ file, text: await readFile(resolve(cli.workingDirectory, file), 'utf8') }]
}

export async function readSpecs(cli: Cli, files: readonly string[]): Promise<SpecSource[]> {
  const sources: SpecSource[] = []
  for (const file of files) sources.push(...(await readSpec(cli, file)))
  return sources
}

async function readAll(cli: Cli): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of cli.input()) {
    size += chunk.length
    if (size > mostSpecBytes) {
      throw new VarveError('USAGE', { what: 'More than 16 MiB came in: this is no spec.' })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function download(url: string, signal: AbortSignal): Promise<string> {
  const answer = await fetch(url, { signal }).catch((cause: unknown) => {
    throw new VarveError('IO_FAILED', { what: `Cannot fetch ${url}.`, data: { url }, cause })
  })
  if (answer.ok) return answer.text()
  throw new VarveError('IO_FAILED', {
    what: `${url} answered ${answer.status}.`,
    next: 'Check the address.',
    data: { url, status: answer.status },
  })
}
