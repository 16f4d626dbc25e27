import { digestOf, type Digest, type JsonValue } from '../model/index.ts'
import { unreachable } from '../util/index.ts'
import type { EndedWork } from './appender.ts'
import { bodyHash, type BodyHasher, type HashName } from './body-hash.ts'
import type { FetchOutcome, Fetcher, FetchRequest } from './fetch/index.ts'
import type { ImageOutcome } from './image/index.ts'
import type { DueRow } from './row-feed.ts'
import type { QueuedRow, RowEnd, RowInfo, RowMedia } from './rows/row.ts'

type Region = readonly [number, number, number, number]

/** What becomes of bytes once they are here. */
export interface MediaProcessor {
  process(bytes: Uint8Array, hints: MediaHints): Promise<ImageOutcome>
  close(): Promise<void>
}

export interface MediaHints {
  readonly url: string
  readonly contentType?: string
  readonly regions?: readonly Region[]
}

export interface RowWorkOptions {
  readonly fetcher: Fetcher
  readonly processor: MediaProcessor
  /** Hash of the bytes as downloaded, in the sample's JSON. */
  readonly computeHash?: HashName
  /** Where there is one, large bodies are hashed there. */
  readonly hasher?: BodyHasher
  /** Column that holds the hash the bytes must have. */
  readonly verifyColumn?: string
  /** Column with the regions to blur. */
  readonly regionColumn?: string
}

/** A row whose fetch has ended. */
export interface FetchedRow {
  readonly row: QueuedRow
  readonly before: RowInfo | undefined
  readonly outcome: FetchOutcome
}

/** Fetches one row; rejects when it was broken off by the signal. */
export async function fetchRow(
  options: RowWorkOptions,
  { row, before }: Pick<DueRow, 'row' | 'before'>,
  signal: AbortSignal,
): Promise<FetchedRow> {
  const outcome = await options.fetcher.fetch(requestOf(row, before), signal)
  return { row, before, outcome }
}

/** Prepares what to keep of it. */
export async function finishRow(options: RowWorkOptions, fetched: FetchedRow): Promise<EndedWork> {
  const work = await workOf(options, fetched)
  return fetched.before === undefined ? work : { ...work, before: fetched.before }
}

async function workOf(
  options: RowWorkOptions,
  { row, before, outcome }: FetchedRow,
): Promise<EndedWork> {
  const attempts = (before?.attempts ?? 0) + outcome.attempts
  const ended = (status: RowEnd['status'], error: string): EndedWork => ({
    end: { ...row, status, error, attempts },
  })
  const kept = (error?: string): EndedWork => {
    const why = error === undefined ? {} : { error }
    return { end: { ...withoutTime(before), ...row, ...why, status: 'success', attempts } }
  }
  switch (outcome.kind) {
    case 'failed':
      // What we have is worth more than the bad day of a host.
      if (outcome.mayPass === true && before?.status === 'success') return kept(outcome.error)
      return ended('failed_to_download', outcome.error)
    case 'opted_out':
      return ended('opted_out', outcome.error)
    case 'unchanged':
      return kept()
    case 'fetched':
      return keep(options, { ...row, attempts }, outcome)
    default:
      return unreachable(outcome)
  }
}

async function keep(
  options: RowWorkOptions,
  row: QueuedRow & { readonly attempts: number },
  fetched: Extract<FetchOutcome, { kind: 'fetched' }>,
): Promise<EndedWork> {
  const { computeHash, hasher } = options
  const hashed =
    computeHash === undefined ? undefined : await bodyHash(computeHash, fetched.bytes, hasher)
  const wanted =
    options.verifyColumn === undefined ? undefined : row.columns?.[options.verifyColumn]
  if (options.verifyColumn !== undefined && hashed !== wanted) {
    return { end: { ...row, status: 'failed_to_download', error: 'hash mismatch' } }
  }
  const image = await options.processor.process(fetched.bytes, hintsOf(options, row, fetched))
  if (image.kind === 'failed') {
    return { end: { ...row, status: 'failed_to_resize', error: image.error } }
  }
  const isAsItCame = image.bytes === fetched.bytes
  const media: RowMedia = {
    digest: isAsItCame && computeHash === 'sha256' ? (hashed as Digest) : digestOf(image.bytes),
    size: image.bytes.length,
    ...image.facts,
    extension: freeExtension(image.facts.extension, row),
    ...(hashed === undefined ? {} : { hash: hashed }),
  }
  const { etag, lastModified } = fetched
  const validators = {
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
  }
  return { end: { ...row, status: 'success', media, ...validators }, bytes: image.bytes }
}

/** `.json` and `.txt` of a sample are its columns and its caption: what came as one of them stands beside. */
function freeExtension(extension: string, { caption }: QueuedRow): string {
  const isTaken = extension === 'json' || (extension === 'txt' && caption !== undefined)
  return isTaken ? `body.${extension}` : extension
}

function requestOf(row: QueuedRow, before: RowInfo | undefined): FetchRequest {
  const { url } = row
  if (row.refresh !== true || before?.status !== 'success') return { url }
  const { etag, lastModified } = before
  return {
    url,
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
  }
}

function withoutTime(before: RowInfo | undefined): Partial<RowEnd> {
  if (before === undefined) return {}
  const { at: _, error: __, ...rest } = before
  return rest
}

function hintsOf(
  options: RowWorkOptions,
  row: QueuedRow,
  fetched: Extract<FetchOutcome, { kind: 'fetched' }>,
): MediaHints {
  const { regionColumn } = options
  const regions = regionColumn === undefined ? undefined : regionsOf(row.columns?.[regionColumn])
  return {
    url: fetched.url,
    ...(fetched.contentType === undefined ? {} : { contentType: fetched.contentType }),
    ...(regions === undefined ? {} : { regions }),
  }
}

/**
 * Cells of csv and tsv are JSON text. What is no list of regions goes on as one that cannot be: the row
 * fails there, because a picture must not come out with what was to be blurred.
 */
function regionsOf(value: JsonValue | undefined): readonly Region[] | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const regions = typeof value === 'string' ? parsed(value) : value
  return (Array.isArray(regions) ? regions : [regions]) as readonly Region[]
}

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return text
  }
}
