import { digestOf } from '../model/index.ts'
import { invariant } from '../util/index.ts'
import type { ObjectStore } from '../storage/index.ts'
import { decodeClaim, type Claim } from './claim.ts'
import type { EarlierIndex } from './earlier-index.ts'
import type { IndexedItem, IndexedRecord, ItemIndex, SegmentRow } from './item-index.ts'
import { metaLane } from './member-name.ts'
import { parseSegmentKey, segmentKey, type SegmentId } from './segment-key.ts'
import { SegmentScanner, type ScannedMember, type ScanStop } from './segment-scanner.ts'
import type { SegmentTable } from './segment-table.ts'

/** Something wrong before bytes that are known to have been durable. */
export interface Damage {
  readonly segment: SegmentId
  readonly offset: number
  readonly reason: string
}

/** An unsynced tail that a crash left and that was cut away. */
export interface Cut {
  readonly segment: SegmentId
  readonly from: number
  readonly to: number
  readonly reason: string
}

export interface RecoveryOptions {
  readonly objects: ObjectStore
  readonly index: ItemIndex
  readonly table: SegmentTable
  /** A writer syncs, cuts and stops at damage; a reader changes no file and walks around damage. */
  readonly mode: 'read' | 'write'
  /** What `index`, which is new, has to hold at least. */
  readonly earlier?: EarlierIndex
}

export interface RecoveryReport {
  readonly damage: readonly Damage[]
  readonly cuts: readonly Cut[]
  /** Sequence number of the first record there is to be. */
  readonly firstRecord: number
}

interface Fault {
  readonly at: number
  readonly reason: string
}

interface SegmentFile extends SegmentId {
  readonly size: number
  readonly isLast: boolean
}

/** Rows collected between two index transactions. */
const batchItems = 200_000

/** Brings the index up to what the segments hold, and the segments back to their last whole member. */
export async function recover(options: RecoveryOptions): Promise<RecoveryReport> {
  return new Recovery(options).run()
}

class Recovery {
  readonly #options: RecoveryOptions
  readonly #damage: Damage[] = []
  readonly #cuts: Cut[] = []
  #items: IndexedItem[] = []
  #records: IndexedRecord[] = []
  #sawRecords = false
  /** The first record there is to be, as far as claims or an index from before say. */
  #firstRecord: number
  /** Segments a claim says are replaced, and that items of the index may still point into. */
  readonly #newlyDropped = new Set<number>()

  constructor(options: RecoveryOptions) {
    this.#options = options
    this.#firstRecord = options.index.firstSequence()
  }

  async run(): Promise<RecoveryReport> {
    const files = await this.#segmentFiles()
    // Claims in the meta lane say what to expect of every other lane.
    for (const file of files.filter(({ lane }) => lane === metaLane)) await this.#catchUp(file)
    for (const file of files.filter(({ lane }) => lane !== metaLane)) await this.#catchUp(file)
    this.#publish()
    this.#options.index.forgetSegments([...this.#newlyDropped])
    this.#options.index.forgetRecords(this.#firstRecord)
    this.#findMissing(files)
    this.#findGaps()
    this.#compareWithEarlier()
    const damage = this.#damage.filter(({ segment }) => !this.#isDropped(segment))
    if (this.#options.mode === 'write' && damage.length === 0) {
      await this.#cutTails()
      await this.#removeDropped(files)
    }
    return { damage, cuts: this.#cuts, firstRecord: this.#firstRecord }
  }

  async #segmentFiles(): Promise<SegmentFile[]> {
    const last = new Map<string, number>()
    const found = (await this.#options.objects.list('segments/')).flatMap(({ key, size }) => {
      const segment = parseSegmentKey(key)
      if (segment !== undefined) last.set(segment.lane, segment.number)
      return segment === undefined ? [] : [{ ...segment, size }]
    })
    return found.map((file) => ({ ...file, isLast: last.get(file.lane) === file.number }))
  }

  async #catchUp(file: SegmentFile): Promise<void> {
    const row = this.#options.table.row(file)
    if (row.state === 'dropped' || row.indexed === file.size) return
    if (file.size < row.indexed) {
      this.#report(file, file.size, `${row.indexed - file.size} bytes at the end are gone`)
      return
    }
    // What is read here may still be in the system's cache only, left by a killed process.
    if (file.isLast && this.#options.mode === 'write') await this.#syncSegment(file)
    await this.#scan(file, row)
  }

  async #scan(file: SegmentFile, row: SegmentRow): Promise<void> {
    const known = Math.max(row.indexed, row.claimed)
    const scanner = new SegmentScanner(this.#options.objects, segmentKey(file), {
      from: row.indexed,
      to: file.size,
      checkFrom: file.isLast ? known : Infinity,
    })
    let fault: Fault | undefined
    for (;;) {
      const batch = await scanner.next()
      if (batch !== undefined) fault = await this.#take(file, batch)
      else if (scanner.stop?.kind !== 'fault') break
      else if (!(await this.#walksAround(file, scanner.stop))) fault = scanner.stop
      else if (!(await scanner.resync())) break
      if (fault !== undefined) break
    }
    await this.#finish(file, scanner.stop, fault)
  }

  /** Takes over members up to the first torn one that ends the scan. */
  async #take(file: SegmentFile, batch: readonly ScannedMember[]): Promise<Fault | undefined> {
    const { id } = this.#options.table.row(file)
    for (let rest = batch; rest.length > 0;) {
      const broken = rest.findIndex((member) => !member.intact)
      await this.#collect(id, broken < 0 ? rest : rest.slice(0, broken))
      const bad = rest[broken]
      if (bad === undefined) return undefined
      const fault = { at: bad.start, reason: 'the payload is torn' }
      if (!(await this.#walksAround(file, fault))) return fault
      rest = rest.slice(broken + 1)
    }
    return undefined
  }

  /** A reader reports damage and goes on behind it; a writer, or anybody at a torn tail, stops. */
  async #walksAround(file: SegmentFile, { at, reason }: Fault): Promise<boolean> {
    if (this.#options.mode === 'write') return false
    const { claimed } = this.#options.table.row(file)
    const isDamage = !file.isLast || claimed > at || (await this.#isClaimedLater(file, at))
    if (isDamage) this.#report(file, at, reason)
    return isDamage
  }

  async #finish(
    file: SegmentFile,
    stop: ScanStop | undefined,
    fault: Fault | undefined,
  ): Promise<void> {
    const row = this.#options.table.row(file)
    if (row.state === 'dropped') return
    const indexed = fault?.at ?? stop?.at ?? row.indexed
    const isSealed = fault === undefined && stop?.kind === 'sealed'
    this.#options.table.update({ ...row, indexed, state: isSealed ? 'sealed' : 'open' })
    const isClaimed = row.claimed > indexed || (await this.#isClaimedLater(file, indexed))
    if (isClaimed || (fault !== undefined && !file.isLast)) {
      this.#report(file, indexed, fault?.reason ?? 'the end is gone')
    } else if (fault !== undefined) {
      this.#cuts.push({ segment: file, from: fault.at, to: file.size, reason: fault.reason })
    }
  }

  /** Whether a claim behind a fault of the meta lane says that the faulty bytes were durable. */
  async #isClaimedLater(file: SegmentFile, at: number): Promise<boolean> {
    if (file.lane !== metaLane || at >= file.size) return false
    const key = segmentKey(file)
    const scanner = new SegmentScanner(this.#options.objects, key, {
      from: at,
      to: file.size,
      checkFrom: 0,
    })
    do {
      for (let batch = await scanner.next(); batch; batch = await scanner.next()) {
        const claims = await this.#claims(key, batch)
        const sizes = claims.flatMap(({ durable }) => durable).filter(isOf(file))
        if (sizes.some(({ size }) => size > at)) return true
      }
    } while (await scanner.resync())
    return false
  }

  async #collect(segment: number, members: readonly ScannedMember[]): Promise<void> {
    const { table } = this.#options
    for (const { name, digest, offset, length } of members) {
      if (name.kind === 'item') this.#items.push({ digest, segment, offset, length })
      if (name.kind === 'record') {
        this.#sawRecords = true
        this.#records.push({ sequence: name.sequence, segment, offset, length })
      }
    }
    const key = segmentKey(table.get(segment))
    for (const claim of await this.#claims(key, members)) {
      const newly = claim.dropped.filter((one) => !this.#isDropped(one))
      table.applyClaim(claim)
      this.#firstRecord = Math.max(this.#firstRecord, claim.first)
      for (const one of newly) this.#newlyDropped.add(table.row(one).id)
      const lost = claim.lost.map((sequence) => ({ sequence, segment: 0, offset: 0, length: -1 }))
      this.#records.push(...lost)
    }
    const end = members.at(-1)?.end
    if (end !== undefined) table.update({ ...table.get(segment), indexed: end })
    if (this.#items.length >= batchItems) this.#publish()
  }

  /** Claims are believed only when their bytes are whole, checked or not: a repair may be torn. */
  async #claims(key: string, members: readonly ScannedMember[]): Promise<Claim[]> {
    const found = members.filter(({ name, intact }) => name.kind === 'claim' && intact)
    const payloads = await this.#options.objects.readMany(
      found.map(({ offset, length }) => ({ key, offset, length })),
    )
    return payloads
      .filter((bytes, i) => digestOf(bytes) === found[i]?.digest)
      .map(decodeClaim)
      .filter((claim) => claim !== undefined)
  }

  #publish(): void {
    const { index, table } = this.#options
    const changes = table.changes()
    if (this.#items.length + this.#records.length + changes.length === 0) return
    index.transaction(() => {
      index.insertItems(this.#items)
      index.insertRecords(this.#records)
      index.putSegments(changes)
    })
    table.markWritten()
    this.#items = []
    this.#records = []
  }

  #isDropped(segment: SegmentId): boolean {
    return this.#options.table.find(segment)?.state === 'dropped'
  }

  #findMissing(files: readonly SegmentFile[]): void {
    const present = new Set(files.map(segmentKey))
    for (const row of this.#options.table.all()) {
      const isExpected = row.state !== 'dropped' && Math.max(row.claimed, row.indexed) > 0
      if (isExpected && !present.has(segmentKey(row))) this.#report(row, 0, 'the file is missing')
    }
  }

  #findGaps(): void {
    if (!this.#sawRecords) return
    const missing = this.#options.index.missingRecords(this.#firstRecord)
    if (missing.length === 0) return
    const what = `${missing.length} records are missing, the first is number ${missing[0]}`
    this.#report({ lane: metaLane, number: 0 }, 0, what)
  }

  #compareWithEarlier(): void {
    for (const row of this.#options.earlier?.segments ?? []) {
      const { indexed } = this.#options.table.row(row)
      const missing = Math.max(row.indexed, row.claimed) - indexed
      const isKnown = this.#damage.some(({ segment }) => segmentKey(segment) === segmentKey(row))
      if (missing > 0 && !isKnown) this.#report(row, indexed, `${missing} bytes are not readable`)
    }
  }

  async #cutTails(): Promise<void> {
    for (const { segment, from } of this.#cuts.filter(({ segment }) => !this.#isDropped(segment))) {
      const appender = await this.#options.objects.openAppender(segmentKey(segment))
      try {
        await appender.truncate(from)
        await appender.sync()
      } finally {
        await appender.close()
      }
    }
  }

  async #removeDropped(files: readonly SegmentFile[]): Promise<void> {
    for (const file of files) {
      if (this.#isDropped(file)) await this.#options.objects.delete(segmentKey(file))
    }
  }

  async #syncSegment(segment: SegmentId): Promise<void> {
    const appender = await this.#options.objects.openAppender(segmentKey(segment))
    try {
      await appender.sync()
    } finally {
      await appender.close()
    }
  }

  #report(segment: SegmentId, offset: number, reason: string): void {
    invariant(offset >= 0, 'damage lies inside a segment')
    this.#damage.push({ segment: { lane: segment.lane, number: segment.number }, offset, reason })
  }
}

function isOf({ lane, number }: SegmentId): (one: { readonly segment: SegmentId }) => boolean {
  return ({ segment }) => segment.lane === lane && segment.number === number
}
