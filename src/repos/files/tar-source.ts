import { Readable } from 'node:stream'
import { parseFilePath, VarveError } from '../../model/index.ts'
import { wholeFileBytes } from './local-file.ts'
import type { FileSource } from '../types/files.ts'

/**
 * The files of a TAR archive (gzip is seen by its first bytes). Directories come with their files;
 * a link or a device is `NOT_SUPPORTED`, by name. Large members are streams, to be read before the
 * next source is asked for.
 */
export async function* tarSources(
  archive: AsyncIterable<Uint8Array>,
  prefix = '',
): AsyncGenerator<FileSource> {
  const { extract } = await import('tar-stream')
  const base = parseFilePath(prefix)
  const members = extract()
  const plain = await gunzipped(archive)
  plain.on('error', (error) => members.destroy(error))
  plain.pipe(members)
  for await (const member of members) {
    const { name, type } = member.header
    if (type === 'file' || type === 'contiguous-file') {
      const path = parseFilePath(`${base}/${name.replace(/^(\.?\/)+/, '')}`)
      const executable = ((member.header.mode ?? 0) & 0o111) !== 0
      if ((member.header.size ?? 0) > wholeFileBytes) {
        yield { kind: 'stream', path, open: () => member as AsyncIterable<Uint8Array>, executable }
      } else yield { kind: 'bytes', path, bytes: await collect(member), executable }
      continue
    }
    if (type !== 'directory') throw unsupported(name, type)
    member.resume()
  }
}

function unsupported(name: string, type: string): VarveError {
  return new VarveError('NOT_SUPPORTED', {
    what: `The archive member "${name}" is a ${type}; only files can be put.`,
    next: 'Make the archive with links followed (tar -h --hard-dereference).',
    data: { name, type },
  })
}

async function collect(chunks: AsyncIterable<unknown>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk as Uint8Array)
  return Buffer.concat(parts)
}

async function gunzipped(archive: AsyncIterable<Uint8Array>): Promise<Readable> {
  const iterator = archive[Symbol.asyncIterator]()
  const first = await iterator.next()
  const head: Uint8Array = first.done === true ? new Uint8Array() : first.value
  const whole = async function* () {
    yield head
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      yield next.value
    }
  }
  const stream = Readable.from(whole(), { objectMode: false })
  const isGzip = head[0] === 0x1f && head[1] === 0x8b
  if (!isGzip) return stream
  // Not above: whoever opens a project loads this file, and hardly anybody an archive.
  const { createGunzip } = await import('node:zlib')
  const gunzip = createGunzip()
  stream.on('error', (error) => gunzip.destroy(error))
  return stream.pipe(gunzip)
}
