import { digestOf, VarveError, type Digest } from '../model/index.ts'
import type { ObjectStore } from '../storage/index.ts'
import type { Claim } from './claim.ts'
import type { IndexedRecord, ItemIndex, SegmentRow } from './item-index.ts'
import type { LaneWriter, Placement } from './lane-writer.ts'
import { LiveMembers, type LiveMember } from './live-members.ts'
import { segmentKey } from './segment-key.ts'
import { SegmentScanner, type ScannedMember } from './segment-scanner.ts'
import type { SegmentTable } from './segment-table.ts'
import { memberLength, type MemberHeader } from './tar/write-header.ts'
import type { RecordPosition } from './record-position.ts'

export interface CompactOptions {
  /** Which of some items something still names; asked in batches. */
  readonly isLive: (digests: readonly Digest[]) => readonly boolean[]
  /** Only reports what would be freed. */
  readonly dryRun: boolean
  /** Segments with a smaller share of dead bytes stay as they are; 0 by default. */
  readonly minDeadFraction?: number
  /** Where it saves space it is appended and made durable first, and then the records before it go. */
  readonly checkpoint?: NewCheckpoint
}

/** Records that together say all that the records before them say. */
export interface NewCheckpoint {
  readonly sizes: readonly number[]
  /**
   * Each is written twice, side by side, because everything would go with the only one, and is
   * durable before the next is taken.
   */
  readonly records: Iterable<Uint8Array>
  readonly onWritten: (at: RecordPosition, record: Uint8Array) => void
}

export interface CompactReport {
  /** Segments replaced, or that would be. */
  readonly segments: number
  readonly deadItems: number
  /** Records that a checkpoint replaced. */
  readonly deadRecords: number
  /** What the disk gets back, headers and padding included, less what a checkpoint takes. */
  readonly freedBytes: number
  /** What has to be copied for it. */
  readonly copiedBytes: number
}

/** What compaction needs of the store it runs in; it runs while nothing else writes. */
export interface CompactionHost {
  readonly objects: ObjectStore
  readonly index: ItemIndex
  readonly table: SegmentTable
  /** Records before this one go. */
  readonly firstRecord: number
  writer(lane: string): Promise<LaneWriter>
  /** Notes that an item lies somewhere else now. */
  place(digest: Digest, length: number, placement: Placement): void
  /** Makes the copies durable and publishes their places. */
  publishMoved(records: readonly IndexedRecord[]): Promise<void>
  /** Appends a claim and makes it durable. */
  claim(claim: Claim): Promise<void>
  /** Forgets in the index what points into dropped segments, and records before the first. */
  forget(segments: readonly number[]): Promise<void>
}

interface Share {
  readonly row: SegmentRow
  readonly deadItems: number
  readonly deadRecords: number
  readonly deadBytes: number
  readonly liveBytes: number
}

/** Larger payloads are copied in chunks. */
const wholeBytes = 8 << 20

/**
 * Copies what is live out of segments that hold dead items, then removes those segments. Whatever
 * instant it is killed at, every live item lies in a file that is named by the index or is found
 * when the index is rebuilt.
 */
export async function compactSegments(
  host: CompactionHost,
  options: CompactOptions,
): Promise<CompactReport> {
  const worth: Share[] = []
  for (const row of host.table.all().filter(({ state }) => state !== 'dropped')) {
    const share = await shareOf(host, row, options)
    const fraction = share.deadBytes / Math.max(1, share.deadBytes + share.liveBytes)
    if (share.deadItems + share.deadRecords > 0 && fraction >= (options.minDeadFraction ?? 0))
      worth.push(share)
  }
  if (!options.dryRun)
    await replace(
      host,
      worth.map(({ row }) => row),
      options,
    )
  return {
    segments: worth.length,
    deadItems: sum(worth.map(({ deadItems }) => deadItems)),
    deadRecords: sum(worth.map(({ deadRecords }) => deadRecords)),
    freedBytes: sum(worth.map(({ deadBytes }) => deadBytes)),
    copiedBytes: sum(worth.map(({ liveBytes }) => liveBytes)),
  }
}

async function replace(
  host: CompactionHost,
  rows: readonly SegmentRow[],
  options: CompactOptions,
): Promise<void> {
  if (rows.length === 0) return
  for (const lane of new Set(rows.map(({ lane }) => lane))) {
    const writer = await host.writer(lane)
    if (rows.some((row) => row.lane === lane && row.number === writer.segment.number)) {
      await writer.roll()
    }
  }
  for (const row of rows) await host.publishMoved(await copyLive(host, row, options))
  await drop(host, rows)
}

/**
 * Records durably that segments are replaced, then removes their files. The claim repeats all that
 * older claims said, because those may lie in the segments that go.
 */
async function drop(host: CompactionHost, segments: readonly SegmentRow[]): Promise<void> {
  const gone = new Set(segments.map(({ id }) => id))
  const rows = host.table.all()
  const kept = rows.filter(({ id, state }) => !gone.has(id) && state !== 'dropped')
  await host.claim({
    durable: kept.map((row) => ({ segment: row, size: row.indexed })),
    dropped: rows.filter(({ id, state }) => gone.has(id) || state === 'dropped'),
    lost: host.index.lostRecords().filter((sequence) => sequence >= host.firstRecord),
    first: host.firstRecord,
  })
  await host.forget([...gone])
  for (const row of segments) await host.objects.delete(segmentKey(row))
}

/** Copies what lives to the end of the lane, samples whole; answers the new places of records. */
async function copyLive(
  host: CompactionHost,
  row: SegmentRow,
  options: CompactOptions,
): Promise<IndexedRecord[]> {
  const records: IndexedRecord[] = []
  const live = new LiveMembers({ ...host, row, isLive: options.isLive })
  let sample: LiveMember[] = []
  for await (const batch of membersOf(host, row)) {
    for (const member of live.of(batch)) {
      if (member.key === undefined || member.key !== sample[0]?.key) {
        records.push(...(await copyTogether(host, row, sample)))
        sample = []
      }
      sample.push(member)
    }
  }
  records.push(...(await copyTogether(host, row, sample)))
  return records
}

/** Copies members side by side; answers the new places of the records among them. */
async function copyTogether(
  host: CompactionHost,
  row: SegmentRow,
  members: readonly LiveMember[],
): Promise<IndexedRecord[]> {
  const records: IndexedRecord[] = []
  if (members.length > 1) {
    const writer = await host.writer(row.lane)
    await writer.reserve(members.map(({ length }) => length))
  }
  for (const member of members) {
    const { name, digest, length, isPlaced } = member
    const placement = await copyMember(host, row, member)
    if (name.kind === 'item' && isPlaced) host.place(digest, length, placement)
    if (name.kind !== 'record') continue
    const segment = host.table.row(placement.segment).id
    records.push({ sequence: name.sequence, segment, offset: placement.offset, length })
  }
  return records
}

async function shareOf(
  host: CompactionHost,
  row: SegmentRow,
  options: CompactOptions,
): Promise<Share> {
  let liveBytes = 0
  let allBytes = 0
  let items = 0
  let records = 0
  const liveMembers = new LiveMembers({ ...host, row, isLive: options.isLive })
  for await (const batch of membersOf(host, row)) {
    const live = liveMembers.of(batch)
    allBytes += sum(batch.filter(isKept).map(({ length }) => memberLength(length)))
    liveBytes += sum(live.map(({ length }) => memberLength(length)))
    items += batch.filter(isItem).length - live.filter(isItem).length
    records += batch.filter(isRecord).length - live.filter(isRecord).length
  }
  const deadBytes = allBytes - liveBytes
  return { row, deadItems: items, deadRecords: records, deadBytes, liveBytes }
}

/** Claims are not carried over: the claim that drops their segment repeats all that holds. */
function isKept({ name }: ScannedMember): boolean {
  return name.kind !== 'claim'
}

function isItem({ name }: ScannedMember): boolean {
  return name.kind === 'item'
}

function isRecord({ name }: ScannedMember): boolean {
  return name.kind === 'record'
}

async function* membersOf(
  { objects }: CompactionHost,
  row: SegmentRow,
): AsyncGenerator<ScannedMember[]> {
  const range = { from: 0, to: row.indexed, checkFrom: Infinity }
  const scanner = new SegmentScanner(objects, segmentKey(row), range)
  for (let batch = await scanner.next(); batch; batch = await scanner.next()) yield batch
  if (scanner.stop?.kind === 'fault') throw unreadable(row, scanner.stop.at)
}

async function copyMember(
  host: CompactionHost,
  row: SegmentRow,
  member: ScannedMember,
): Promise<Placement> {
  const { fileName, digest, length, mtime, offset } = member
  const header: MemberHeader = { name: fileName, digest, size: length, mtime }
  const key = segmentKey(row)
  const lane = await host.writer(row.lane)
  if (length > wholeBytes) {
    return lane.putChunks(header, host.objects.stream(key, offset, offset + length))
  }
  const bytes = await host.objects.read(key, offset, length)
  if (digestOf(bytes) !== digest) throw unreadable(row, offset)
  return lane.tryPut(header, bytes) ?? lane.put(header, bytes)
}

function unreadable(row: SegmentRow, offset: number): VarveError {
  return new VarveError('STORE_DAMAGED', {
    what: `Nothing was removed: ${segmentKey(row)} is damaged at ${offset}.`,
    data: { segment: segmentKey(row), offset },
  })
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
