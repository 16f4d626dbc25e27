import { systemClock, type Clock } from '../util/index.ts'
import type { Appender, ObjectStore } from '../storage/index.ts'
import { digestOf } from '../model/index.ts'
import { encodeClaim, type Claim } from './claim.ts'
import { readEarlierIndex } from './earlier-index.ts'
import { ItemIndex } from './item-index.ts'
import { claimName, loneName, metaLane } from './member-name.ts'
import { removeIndex } from './open-segment-store.ts'
import { recover } from './recovery.ts'
import { parseSegmentKey, segmentKey, type SegmentId } from './segment-key.ts'
import { SampleRun } from './sample-run.ts'
import { SegmentScanner, type ScannedMember } from './segment-scanner.ts'
import { SegmentTable } from './segment-table.ts'
import { headerLength, memberLength, writeHeader } from './tar/write-header.ts'
import { WriterLock } from './writer-lock.ts'

export interface RepairOptions {
  readonly objects: ObjectStore
  readonly indexPath: string
  readonly lockDirectory?: string
  readonly clock?: Clock
  /** Also replaces segments in which only payloads are wrong; reads every byte. */
  readonly readData: boolean
}

export interface RepairReport {
  readonly repaired: readonly {
    /** Key of the segment that was damaged. */
    readonly segment: string
    /** Where its bytes are kept, as they were; undefined when the file was missing. */
    readonly copy?: string
    readonly membersKept: number
  }[]
  /** Sequence numbers of records that are gone for good. */
  readonly lostRecords: readonly number[]
}

/**
 * Replaces every damaged segment by a new one holding its whole members, keeps the old bytes beside
 * it and removes the index, which the next writer rebuilds. Items that were damaged are gone from
 * the store: whoever names them gets `ITEM_MISSING`, and adding the same bytes again heals it.
 */
export async function repairSegments(options: RepairOptions): Promise<RepairReport> {
  const { lockDirectory, clock = systemClock } = options
  const lock = lockDirectory === undefined ? undefined : WriterLock.take(lockDirectory, clock)
  const index = ItemIndex.open(':memory:', 'write')
  try {
    const table = new SegmentTable(() => index.segments())
    return await new Repair(options, index, table).run()
  } finally {
    index.close()
    lock?.release()
  }
}

/** A member to copy as it is, or behind a header made anew. */
interface KeptMember extends ScannedMember {
  readonly header?: Buffer
}

class Repair {
  readonly #options: RepairOptions
  readonly #objects: ObjectStore
  readonly #index: ItemIndex
  readonly #table: SegmentTable
  readonly #lastNumbers = new Map<string, number>()

  constructor(options: RepairOptions, index: ItemIndex, table: SegmentTable) {
    this.#options = options
    this.#objects = options.objects
    this.#index = index
    this.#table = table
  }

  async run(): Promise<RepairReport> {
    const earlier = readEarlierIndex(this.#options.indexPath)
    const { damage, firstRecord } = await recover({
      objects: this.#objects,
      index: this.#index,
      table: this.#table,
      mode: 'read',
      earlier,
    })
    for (const { lane, number } of this.#table.all()) {
      this.#lastNumbers.set(lane, Math.max(number, this.#lastNumbers.get(lane) ?? 0))
    }
    const named = new Map(damage.map(({ segment }) => [segmentKey(segment), segment]))
    if (this.#options.readData)
      for (const one of await this.#wrongBytes()) named.set(segmentKey(one), one)
    const damaged = [...named.values()].filter(({ number }) => number > 0)
    const lostRecords = this.#lostRecords(firstRecord, earlier.sequences)
    const repaired = []
    for (const segment of damaged) repaired.push(await this.#replace(segment))
    if (damaged.length + lostRecords.length > 0) {
      await this.#claim({ durable: [], dropped: damaged, lost: lostRecords, first: firstRecord })
      for (const segment of damaged) await this.#objects.delete(segmentKey(segment))
      removeIndex(this.#options.indexPath)
    }
    return { repaired, lostRecords }
  }

  /** Those between others, and those at the end that only the index told of. */
  #lostRecords(first: number, known: readonly number[]): number[] {
    const last = this.#index.lastSequence()
    const gone = known.filter((sequence) => sequence > last && sequence >= first)
    return [...this.#index.missingRecords(first), ...gone]
  }

  async #wrongBytes(): Promise<SegmentId[]> {
    const wrong: SegmentId[] = []
    for (const { key, size } of await this.#objects.list('segments/')) {
      const segment = parseSegmentKey(key)
      if (segment === undefined) continue
      const scanner = new SegmentScanner(this.#objects, key, { from: 0, to: size, checkFrom: 0 })
      let isWrong = false
      for (let batch = await scanner.next(); batch; batch = await scanner.next()) {
        isWrong ||= batch.some(({ intact }) => !intact)
      }
      if (isWrong) wrong.push(segment)
    }
    return wrong
  }

  async #replace(segment: SegmentId) {
    const key = segmentKey(segment)
    const size = await this.#objects.size(key)
    if (size === undefined) return { segment: key, membersKept: 0 }
    const copy = await this.#keepCopy(key)
    const appender = await this.#objects.openAppender(this.#nextKey(segment.lane))
    let membersKept = 0
    const run = new SampleRun()
    const scanner = new SegmentScanner(this.#objects, key, { from: 0, to: size, checkFrom: 0 })
    do {
      for (let batch = await scanner.next(); batch; batch = await scanner.next()) {
        const kept = wholeMembers(batch, run)
        for (const member of kept) await this.#copyMember(key, member, appender)
        membersKept += kept.length
      }
    } while (await scanner.resync())
    await appender.sync()
    await appender.close()
    return { segment: key, copy, membersKept }
  }

  async #copyMember(key: string, member: KeptMember, appender: Appender): Promise<void> {
    const { start, offset, end, header } = member
    if (header !== undefined) await appender.append(header)
    const from = header === undefined ? start : offset
    await copyBytes(this.#objects.stream(key, from, end), appender)
  }

  async #keepCopy(key: string): Promise<string> {
    let copy = `${key}.damaged`
    for (let i = 2; (await this.#objects.size(copy)) !== undefined; i++)
      copy = `${key}.damaged-${i}`
    const appender = await this.#objects.openAppender(copy)
    await copyBytes(this.#objects.stream(key), appender)
    await appender.sync()
    await appender.close()
    return copy
  }

  /** Says in a meta segment of its own what is gone, so that it no longer counts as damage. */
  async #claim(claim: Claim): Promise<void> {
    const payload = encodeClaim(claim)
    const { clock = systemClock } = this.#options
    const bytes = Buffer.alloc(memberLength(payload.length))
    const start = writeHeader(bytes, 0, {
      name: claimName(this.#index.lastSequence() + 1),
      size: payload.length,
      digest: digestOf(payload),
      mtime: Math.floor(clock.now() / 1000),
    })
    bytes.set(payload, start)
    const appender = await this.#objects.openAppender(this.#nextKey(metaLane))
    await appender.append(bytes)
    await appender.sync()
    await appender.close()
  }

  #nextKey(lane: string): string {
    const number = (this.#lastNumbers.get(lane) ?? 0) + 1
    this.#lastNumbers.set(lane, number)
    return segmentKey({ lane, number })
  }
}

function wholeMembers(batch: readonly ScannedMember[], run: SampleRun): KeptMember[] {
  return batch.flatMap((member) => {
    const isLed = run.isLed(member, member.intact)
    if (!member.intact) return []
    return [isLed ? member : renamed(member)]
  })
}

/** What is left of a sample without its first member is called so that no reader takes it for one. */
function renamed(member: ScannedMember): KeptMember {
  const { name, digest, length: size, mtime } = member
  if (name.kind !== 'item' || name.key === undefined) return member
  const header = Buffer.alloc(headerLength(size))
  writeHeader(header, 0, { name: loneName(digest), digest, size, mtime })
  return { ...member, header }
}

async function copyBytes(chunks: AsyncIterable<Uint8Array>, target: Appender): Promise<void> {
  for await (const chunk of chunks) await target.append(chunk)
}
