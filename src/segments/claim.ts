import { segmentKey, parseSegmentKey, type SegmentId } from './segment-key.ts'

/**
 * What is known to be durable, written into the `meta` lane in front of the records it precedes.
 * Recovery reads claims to tell a torn tail, which may be cut, from damage, which may not.
 */
export interface Claim {
  readonly durable: readonly { readonly segment: SegmentId; readonly size: number }[]
  /** Segments that compaction replaced; their files may be gone. */
  readonly dropped: readonly SegmentId[]
  /** Sequence numbers of records that `repair` found gone for good. */
  readonly lost: readonly number[]
  /** The first record: those before it went when a checkpoint had said all they said. */
  readonly first: number
}

/** `{"v":1,"durable":{"photos/000001":104448},"dropped":["meta/000001"],"lost":[],"first":7}` */
export function encodeClaim(claim: Claim): Buffer {
  const durable = claim.durable.map(({ segment, size }) => [shortName(segment), size] as const)
  const dropped = claim.dropped.map(shortName)
  const first = claim.first > 1 ? { first: claim.first } : {}
  return Buffer.from(
    JSON.stringify({
      v: 1,
      durable: Object.fromEntries(durable),
      dropped,
      lost: claim.lost,
      ...first,
    }),
  )
}

/** Undefined when the bytes are no claim of this version. */
export function decodeClaim(bytes: Uint8Array): Claim | undefined {
  const json: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
  if (typeof json !== 'object' || json === null || !('v' in json) || json.v !== 1) return undefined
  const durable = 'durable' in json && typeof json.durable === 'object' ? json.durable : {}
  const dropped = 'dropped' in json && Array.isArray(json.dropped) ? json.dropped : []
  const lost = 'lost' in json && Array.isArray(json.lost) ? json.lost : []
  const first = 'first' in json && typeof json.first === 'number' ? json.first : 1
  return {
    first,
    lost: lost.map(Number),
    durable: Object.entries(durable ?? {}).flatMap(([name, size]) =>
      longNames(name).map((segment) => ({ segment, size: Number(size) })),
    ),
    dropped: dropped.flatMap((name) => longNames(String(name))),
  }
}

function shortName(segment: SegmentId): string {
  return segmentKey(segment).slice('segments/'.length, -'.tar'.length)
}

function longNames(name: string): SegmentId[] {
  const segment = parseSegmentKey(`segments/${name}.tar`)
  return segment === undefined ? [] : [segment]
}
