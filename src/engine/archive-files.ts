import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { FileSource } from '../repos/index.ts'
import type { Random } from '../util/index.ts'
import { spool } from './spool.ts'

/**
 * The regular files inside a TAR archive (GNU, PAX or USTAR; gzip too), below `prefix`. Links and
 * devices are passed over. Each file must be used before the next is asked for.
 */
export async function* archiveFiles(
  archive: FileSource,
  prefix: string,
  options: { readonly scratch: string; readonly random: Random },
): AsyncGenerator<FileSource> {
  const { default: tar } = await import('tar-stream')
  const bytes = await plainBytes(archive)
  const extract = tar.extract()
  bytes.on('error', (error) => extract.destroy(error))
  for await (const entry of bytes.pipe(extract)) {
    const path = [prefix.replace(/\/+$/, ''), entry.header.name.replace(/^(\.?\/)+/, '')]
      .filter((part) => part !== '')
      .join('/')
    if (entry.header.type !== 'file' && entry.header.type !== 'contiguous-file') {
      entry.resume()
      continue
    }
    const spooled = await spool(path, entry, options)
    yield spooled.source
    await spooled.dispose()
  }
}

async function plainBytes(archive: FileSource): Promise<Readable> {
  const raw = rawBytes(archive)
  const iterator = raw[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  const first = await iterator.next()
  const whole = Readable.from(again(first.done === true ? undefined : first.value, iterator))
  const isGzip = first.done !== true && first.value[0] === 0x1f && first.value[1] === 0x8b
  if (!isGzip) return whole
  const { createGunzip } = await import('node:zlib')
  const unzipped = createGunzip()
  whole.on('error', (error) => unzipped.destroy(error))
  return whole.pipe(unzipped)
}

function rawBytes(archive: FileSource): AsyncIterable<Uint8Array> {
  switch (archive.kind) {
    case 'bytes':
      return Readable.from([Buffer.from(archive.bytes)])
    case 'stream':
      return archive.open()
    case 'local':
      return createReadStream(archive.file)
    case 'url':
      return fetched(archive.url)
  }
}

async function* fetched(url: string): AsyncGenerator<Uint8Array> {
  const { body } = await fetch(url)
  if (body !== null) yield* Readable.fromWeb(body as never) as AsyncIterable<Uint8Array>
}

async function* again(
  first: Buffer | undefined,
  rest: AsyncIterator<Buffer>,
): AsyncGenerator<Buffer> {
  if (first !== undefined) yield first
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
}
