import { VarveError } from '../../model/index.ts'
import type { CatalogOp } from '../types/catalog.ts'

/** Version of the record's envelope; ops carry their own growth by new kinds and new fields. */
const recordVersion = 1

/** What one transaction changed: applied whole or not at all. */
export interface CatalogRecord {
  /** ms since the epoch. */
  readonly at: number
  readonly ops: readonly CatalogOp[]
}

export function encodeRecord(record: CatalogRecord): Uint8Array {
  return Buffer.from(`${JSON.stringify({ v: recordVersion, ...record })}\n`)
}

/** As `encodeRecord`, for ops that are JSON already. */
export function encodeOps(at: number, ops: readonly string[]): Uint8Array {
  return Buffer.from(`{"v":${recordVersion},"at":${at},"ops":[${ops.join(',')}]}\n`)
}

/** Throws `FORMAT_TOO_NEW` for a record of a later version, `STORE_DAMAGED` for one that is none. */
export function decodeRecord(bytes: Uint8Array): CatalogRecord {
  const body = parse(bytes)
  if (typeof body.v === 'number' && body.v > recordVersion) {
    throw new VarveError('FORMAT_TOO_NEW', {
      what: `The store holds a record of format ${body.v}; this Varve reads up to ${recordVersion}.`,
    })
  }
  if (body.v !== recordVersion || typeof body.at !== 'number' || !Array.isArray(body.ops)) {
    throw damaged('has not the fields of one')
  }
  return { at: body.at, ops: body.ops }
}

interface RecordBody {
  readonly v?: unknown
  readonly at?: unknown
  readonly ops?: unknown
}

function parse(bytes: Uint8Array): RecordBody {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    if (typeof value === 'object' && value !== null) return value
  } catch (error) {
    throw damaged('is not JSON', error)
  }
  throw damaged('is not a JSON object')
}

function damaged(why: string, cause?: unknown): VarveError {
  return new VarveError('STORE_DAMAGED', { what: `A catalog record ${why}.`, cause })
}
