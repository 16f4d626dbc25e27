import { createHash } from 'node:crypto'
import { digestOf, isDigest, type Digest } from '../model/index.ts'
import type { ObjectStore } from '../storage/index.ts'
import { parseMemberName, type MemberKind } from './member-name.ts'
import { blockBytes, paddedLength, sealBytes } from './tar/layout.ts'
import { paxSize, readHeader } from './tar/read-header.ts'

export interface ScannedMember {
  readonly name: MemberKind
  readonly fileName: string
  readonly mtime: number
  /** SHA-256 of the payload, as the header has it. */
  readonly digest: Digest
  /** Where the member's first header starts. */
  readonly start: number
  readonly offset: number
  readonly length: number
  /** Where the next member starts. */
  readonly end: number
  /** False when the payload was checked and is not what its digest says. */
  readonly intact: boolean
}

/** Why a scan stopped. `at` is the end of the last whole member; of the seal, when there is one. */
export type ScanStop =
  | { readonly kind: 'open' | 'sealed'; readonly at: number }
  | { readonly kind: 'fault'; readonly at: number; readonly reason: string }

export interface ScanRange {
  /** Start of a member. */
  readonly from: number
  /** Size of the segment. */
  readonly to: number
  /** Payloads of members that start here or later are checked against their digest. */
  readonly checkFrom: number
}

type Step = { readonly member: ScannedMember } | ScanStop | 'reload'

const windowBytes = 1 << 20
/** After a member larger than this, headers are read alone: the payload between them is skipped. */
const skipBytes = 64 << 10
const headerWindowBytes = 4 << 10
const zeroBlock = Buffer.alloc(blockBytes)

/** Walks the members of a segment from header to header, in batches, in constant memory. */
export class SegmentScanner {
  readonly #objects: ObjectStore
  readonly #key: string
  readonly #range: ScanRange
  #window: Buffer = Buffer.alloc(0)
  #windowStart = 0
  #position: number
  #lastLength = 0
  #stop: ScanStop | undefined

  constructor(objects: ObjectStore, key: string, range: ScanRange) {
    this.#objects = objects
    this.#key = key
    this.#range = range
    this.#position = range.from
  }

  /** Set once `next` answered undefined. */
  get stop(): ScanStop | undefined {
    return this.#stop
  }

  /** The next members, at least one; undefined when the scan stopped. */
  async next(): Promise<ScannedMember[] | undefined> {
    const members: ScannedMember[] = []
    while (this.#stop === undefined) {
      const step = await this.#step()
      if (step === 'reload') {
        if (members.length > 0) return members
        await this.#load(this.#position)
      } else if ('member' in step) {
        members.push(step.member)
        this.#position = step.member.end
        this.#lastLength = step.member.length
      } else {
        this.#stop = step
      }
    }
    return members.length > 0 ? members : undefined
  }

  /** Goes on after a fault at the next block that starts a whole, intact member, if there is one. */
  async resync(): Promise<boolean> {
    const fault = this.#stop
    if (fault?.kind !== 'fault') return false
    this.#stop = undefined
    for (let at = fault.at + blockBytes; at + blockBytes <= this.#range.to; at += blockBytes) {
      if (!this.#inWindow(at, blockBytes)) await this.#load(at, windowBytes)
      if (readHeader(this.#window, at - this.#windowStart).kind !== 'member') continue
      if (await this.#startsMember(at)) return true
    }
    this.#stop = fault
    return false
  }

  async #startsMember(at: number): Promise<boolean> {
    this.#position = at
    let step = await this.#step()
    if (step === 'reload') {
      await this.#load(at, windowBytes)
      step = await this.#step()
    }
    if (step === 'reload' || !('member' in step)) return false
    return step.member.intact && (await this.#isIntact(step.member))
  }

  #step(): Step | Promise<Step> {
    const at = this.#position
    const left = this.#range.to - at
    if (left === 0) return { kind: 'open', at }
    if (left < blockBytes) return this.#fault('the header is cut off')
    if (!this.#inWindow(at, Math.min(left, 3 * blockBytes))) return 'reload'
    const block = readHeader(this.#window, at - this.#windowStart)
    if (block.kind === 'zero') return this.#seal(left)
    if (block.kind === 'invalid') return this.#fault(block.reason)
    if (block.type === 'file') return this.#member(block, at, block.size)
    if (left < 3 * blockBytes) return this.#fault('an extended header is cut off')
    const records = at - this.#windowStart + blockBytes
    const size = paxSize(this.#window.subarray(records, records + blockBytes))
    const file = readHeader(this.#window, records + blockBytes)
    if (size === undefined || file.kind !== 'member' || file.type !== 'file') {
      return this.#fault('an extended header is broken')
    }
    return this.#member(file, at + 2 * blockBytes, size)
  }

  #member(
    header: { readonly name: string; readonly link: string; readonly mtime: number },
    headerStart: number,
    length: number,
  ): Step | Promise<Step> {
    const name = parseMemberName(header.name)
    const digest = header.link
    if (name === undefined || !isDigest(digest)) return this.#fault('not a member of a store')
    if ('digest' in name && name.digest !== digest) return this.#fault('two different digests')
    const start = this.#position
    const offset = headerStart + blockBytes
    const end = offset + paddedLength(length)
    if (end > this.#range.to) return this.#fault('the payload is cut off')
    const { name: fileName, mtime } = header
    const member = { name, fileName, mtime, digest, start, offset, length, end, intact: true }
    if (start < this.#range.checkFrom) return { member }
    if (this.#inWindow(offset, end - offset)) {
      const payload = offset - this.#windowStart
      const actual = digestOf(this.#window.subarray(payload, payload + length))
      const padding = this.#window.subarray(payload + length, end - this.#windowStart)
      const intact = actual === digest && padding.equals(zeroBlock.subarray(0, padding.length))
      return { member: { ...member, intact } }
    }
    if (length < windowBytes / 2) return 'reload'
    return this.#isIntact(member).then((intact) => ({ member: { ...member, intact } }))
  }

  async #isIntact(member: ScannedMember): Promise<boolean> {
    const hash = createHash('sha256')
    const end = member.offset + member.length
    for await (const chunk of this.#objects.stream(this.#key, member.offset, end)) {
      hash.update(chunk)
    }
    return hash.digest('hex') === member.digest
  }

  #seal(left: number): ScanStop {
    const start = this.#position - this.#windowStart
    if (left !== sealBytes) return this.#fault('zero blocks before the end')
    const second = readHeader(this.#window, start + blockBytes)
    if (second.kind !== 'zero') return this.#fault('half a seal')
    return { kind: 'sealed', at: this.#range.to }
  }

  #fault(reason: string): ScanStop {
    return { kind: 'fault', at: this.#position, reason }
  }

  #inWindow(start: number, length: number): boolean {
    const end = this.#windowStart + this.#window.length
    return start >= this.#windowStart && start + length <= end
  }

  async #load(start: number, atLeast = headerWindowBytes): Promise<void> {
    const checked = start >= this.#range.checkFrom
    const wanted = checked || this.#lastLength < skipBytes ? windowBytes : atLeast
    const length = Math.min(wanted, this.#range.to - start)
    const bytes = await this.#objects.read(this.#key, start, length)
    this.#window = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#windowStart = start
  }
}
