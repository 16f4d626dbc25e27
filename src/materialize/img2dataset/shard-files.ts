import type { JsonObject, JsonValue } from '../../model/index.ts'
import type { Store } from '../../repos/index.ts'
import { inSizedBatches } from '../../util/index.ts'
import { ParquetFile } from '../formats/parquet-file.ts'
import { archiveEnd } from '../formats/tar-header.ts'
import { tarPieces } from '../formats/tar-pieces.ts'
import { largeMember } from '../formats/tar-stream.ts'
import { encodeExample, type Feature } from '../formats/tf-example.ts'
import { tfRecordPieces } from '../formats/tf-record.ts'
import { readPayloads, type Payloads } from '../samples/payloads.ts'
import { TurnMemory } from '../samples/turn-memory.ts'
import type { OutputFile } from '../target/output-file.ts'
import type { PartWriter } from '../target/part-writer.ts'
import { writeInTurn } from '../target/write-in-turn.ts'
import { rowMembers, type RowSample } from './row-members.ts'
import type { RowTable } from './row-table.ts'
import type { RowColumns } from './types.ts'

type Content = Pick<Store['content'], 'read' | 'stream'>

/** What most batches are smaller than: their images, and the gaps between them on disk. */
const turnBytes = 5 << 20

/** Samples as they come; how many come together has no influence on what is written. */
export type RowSamples = AsyncIterable<readonly RowSample[]>

/** A `.tar` without its end. Pieces may be used until those after the next are asked for. */
async function* rowTar(
  content: Content,
  batches: RowSamples,
): AsyncGenerator<readonly Uint8Array[]> {
  const memory = new TurnMemory(turnBytes)
  const take = (bytes: number): Uint8Array => memory.take(bytes)
  const read: Content['read'] = async (digests) => {
    memory.turn()
    return content.read(digests, { ...asWritten, memory: take })
  }
  for await (const samples of batches) {
    for await (const payloads of readPayloads({ ...justWritten(content), read }, samples)) {
      yield* payloads.kind === 'whole' ? [wholePieces(payloads)] : streamedPieces(payloads)
    }
  }
}

function wholePieces({ files, bytes }: Extract<Payloads<RowSample>, { kind: 'whole' }>) {
  const members = files.flatMap((sample, at) =>
    rowMembers(sample).map((member) => ({
      name: member.name,
      bytes: member.bytes ?? bytes[at] ?? new Uint8Array(),
    })),
  )
  return tarPieces(members)
}

async function* streamedPieces({
  file,
  chunks,
}: Extract<Payloads<RowSample>, { kind: 'stream' }>): AsyncGenerator<readonly Uint8Array[]> {
  for (const { name, bytes } of rowMembers(file)) {
    if (bytes !== undefined) yield tarPieces([{ name, bytes }])
    else yield* largeMember({ name, size: file.size }, chunks)
  }
}

export async function writeTar(
  content: Content,
  samples: RowSamples,
  file: OutputFile,
): Promise<void> {
  await writeInTurn(file, rowTar(content, samples))
  await file.write([archiveEnd])
}

/** A folder of files; `folder` ends with a slash. */
export async function writeFolder(
  content: Content,
  batches: RowSamples,
  { folder, out }: { readonly folder: string; readonly out: PartWriter },
): Promise<void> {
  for await (const samples of batches) {
    for await (const payloads of readPayloads(justWritten(content), samples)) {
      if (payloads.kind === 'whole') {
        const { files, bytes } = payloads
        files.forEach((sample, at) => putFiles(sample, bytes[at], { folder, out }))
        continue
      }
      const { file: sample, chunks } = payloads
      putFiles(sample, undefined, { folder, out })
      await out.stream(`${folder}${sample.key}.${sample.extension}`, chunks)
    }
  }
}

function putFiles(
  sample: RowSample,
  media: Uint8Array | undefined,
  { folder, out }: { readonly folder: string; readonly out: PartWriter },
): void {
  for (const { name, bytes = media } of rowMembers(sample)) {
    if (bytes !== undefined) out.put(folder + name, bytes)
  }
}

/** Rows become shards right after they were fetched: their bytes were hashed on the way in. */
const asWritten = { unchecked: true }

function justWritten(content: Content): Pick<Content, 'read' | 'stream'> {
  return {
    read: async (digests) => content.read(digests, asWritten),
    stream: (digest) => content.stream(digest),
  }
}

/** Rows read and written together. */
const groupLimits = { length: 1000, size: 32 << 20 }

export interface RecordOptions extends Pick<RowColumns, 'types'> {
  readonly encodeFormat: string
}

/** One `tf.train.Example` for each sample: the media by its format, `txt`, and every column. */
export async function* rowRecords(
  content: Content,
  batches: RowSamples,
  options: RecordOptions,
): AsyncGenerator<readonly Uint8Array[]> {
  for await (const samples of batches) {
    for (const group of inSizedBatches(samples, groupLimits)) {
      const media = await content.read(
        group.map(({ digest }) => digest),
        asWritten,
      )
      yield group.flatMap((sample, at) =>
        tfRecordPieces(encodeExample(featuresOf(sample, media[at] ?? '', options))),
      )
    }
  }
}

function featuresOf(
  { key, caption, meta }: RowSample,
  media: Uint8Array | string,
  { encodeFormat, types = {} }: RecordOptions,
): Map<string, Feature> {
  const features = new Map<string, Feature>([['key', { kind: 'bytes', value: key }]])
  features.set(encodeFormat, { kind: 'bytes', value: media })
  if (caption !== undefined) features.set('txt', { kind: 'bytes', value: caption })
  for (const [name, value] of Object.entries(meta)) {
    const isDouble = types[name] === 'DOUBLE' && typeof value === 'number'
    features.set(name, isDouble ? { kind: 'float', value } : featureOf(value))
  }
  return features
}

function featureOf(value: JsonValue): Feature {
  if (typeof value === 'boolean') return { kind: 'int', value: value ? 1 : 0 }
  if (typeof value === 'number') return { kind: Number.isInteger(value) ? 'int' : 'float', value }
  if (value === null || typeof value === 'string') return { kind: 'bytes', value: value ?? '' }
  return Array.isArray(value) ? featureOfList(value) : bytesOf([value])
}

/** img2dataset gives up on an empty list; text has room for none. */
function featureOfList(values: readonly JsonValue[]): Feature {
  const numbers = values.filter((value) => typeof value === 'number')
  if (numbers.length === 0 || numbers.length < values.length) return bytesOf(values)
  return { kind: numbers.every(Number.isInteger) ? 'int' : 'float', value: numbers }
}

function bytesOf(values: readonly JsonValue[]): Feature {
  const texts = values.map((value) =>
    typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value),
  )
  return { kind: 'bytes', value: texts }
}

/** The table of all rows with a last column of media bytes, null for failures. */
export async function writeMediaTable(
  content: Content,
  file: OutputFile,
  rows: { readonly all: readonly MediaRow[]; readonly table: RowTable; readonly media: string },
): Promise<void> {
  const columns = rows.table.columns(rows.all.map(({ meta }) => meta))
  const table = await ParquetFile.create(file, [
    ...columns,
    { name: rows.media, type: 'BYTE_ARRAY' },
  ])
  for (const group of inSizedBatches(rows.all, groupLimits)) {
    const present = group.flatMap(({ digest }) => (digest === undefined ? [] : [digest]))
    const bytes = (await content.read(present, asWritten)).values()
    const media = group.map(({ digest }) => (digest === undefined ? null : bytes.next().value))
    const cells = columns.map(({ name }) => group.map(({ meta }) => meta[name] ?? null))
    await table.write([...cells, media])
  }
  await table.finish()
}

export interface MediaRow {
  readonly meta: JsonObject
  readonly digest?: RowSample['digest']
  readonly size: number
}
