import { invariant } from '../util/index.ts'
import type { Appender, ObjectStore } from '../storage/index.ts'
import { segmentKey, type SegmentId } from './segment-key.ts'
import { headerLength, memberLength, writeHeader, type MemberHeader } from './tar/write-header.ts'
import { sealBytes } from './tar/layout.ts'

export interface LaneWriterOptions {
  readonly objects: ObjectStore
  readonly segment: SegmentId
  /** A segment is sealed before a member would make it larger than this. */
  readonly segmentBytes: number
  readonly bufferBytes: number
  /** Hears of every segment that was sealed and made durable, with its final size. */
  readonly onSealed: (segment: SegmentId, size: number) => void
}

/** Where a member's payload went. */
export interface Placement {
  readonly segment: SegmentId
  readonly offset: number
}

const noBytes = new Uint8Array(0)

/**
 * The only writer of one lane. Members collect in a buffer and reach the disk in large writes; a
 * write that fails leaves the buffer as it is and may be made again. Callers take turns: no method
 * may start before the promise of the last one is settled.
 */
export class LaneWriter {
  readonly #options: LaneWriterOptions
  readonly #buffer: Buffer
  #filled = 0
  #appender: Appender | undefined
  #segment: SegmentId
  #durable: number

  private constructor(options: LaneWriterOptions, appender: Appender) {
    this.#options = options
    this.#buffer = Buffer.allocUnsafeSlow(options.bufferBytes)
    this.#appender = appender
    this.#segment = options.segment
    this.#durable = appender.size
  }

  /** Goes on at the end of the segment named, which recovery has checked, or begins it. */
  static async open(options: LaneWriterOptions): Promise<LaneWriter> {
    return new LaneWriter(options, await options.objects.openAppender(segmentKey(options.segment)))
  }

  get segment(): SegmentId {
    return this.#segment
  }

  /** Bytes of the current segment known to survive a power cut. */
  get durableSize(): number {
    return this.#durable
  }

  get isDirty(): boolean {
    return this.#filled > 0 || (this.#appender?.size ?? 0) > this.#durable
  }

  /** Whether a payload at this place still waits in the buffer. */
  isBuffered(segment: number, offset: number): boolean {
    return this.#filled > 0 && segment === this.#segment.number && offset >= this.#flushedSize
  }

  /** Buffers one member; undefined when there is no room, and then `put` makes it. */
  tryPut(header: MemberHeader, payload: Uint8Array): Placement | undefined {
    const length = memberLength(header.size)
    if (length > this.#buffer.length - this.#filled) return undefined
    if (this.#appender === undefined || !this.#hasRoom(length)) return undefined
    const start = this.#filled + writeHeader(this.#buffer, this.#filled, header)
    this.#buffer.set(payload, start)
    this.#filled += length
    this.#buffer.fill(0, start + payload.length, this.#filled)
    return { segment: this.#segment, offset: this.#flushedSize + start }
  }

  /** Appends one member, starting a new segment when this one is full. */
  async put(header: MemberHeader, payload: Uint8Array): Promise<Placement> {
    await this.#makeRoom(memberLength(header.size))
    await this.flush()
    return this.tryPut(header, payload) ?? this.#putWhole(header, [payload])
  }

  /**
   * Keeps the next members, of these payload sizes, together: in one segment and, when they fit in
   * the buffer, in one write, so that a killed process leaves all of them or none. Members that are
   * larger than a segment together are not kept together.
   */
  async reserve(sizes: readonly number[]): Promise<void> {
    const length = sizes.reduce((sum, size) => sum + memberLength(size), 0)
    await this.#makeRoom(length)
    if (length > this.#buffer.length - this.#filled) await this.flush()
  }

  /**
   * Appends one member straight from its chunks. Throws whatever `chunks` throws, and then nothing
   * of the member is left behind.
   */
  async putChunks(header: MemberHeader, chunks: AsyncIterable<Uint8Array>): Promise<Placement> {
    await this.#makeRoom(memberLength(header.size))
    await this.flush()
    return this.#putWhole(header, chunks)
  }

  /** Appends members so that either all reach the file or, when the write fails, none does. */
  async putTogether(members: readonly { header: MemberHeader; payload: Uint8Array }[]) {
    const lengths = members.map(({ header }) => memberLength(header.size))
    const bytes = Buffer.alloc(lengths.reduce((sum, length) => sum + length, 0))
    await this.#makeRoom(bytes.length)
    await this.flush()
    const base = this.#flushedSize
    let offset = 0
    const places = members.map(({ header, payload }, place) => {
      const start = offset + writeHeader(bytes, offset, header)
      bytes.set(payload, start)
      offset += lengths[place] ?? 0
      return { segment: this.#segment, offset: base + start }
    })
    await this.#appendOrCut(async (appender) => appender.append(bytes))
    return places
  }

  /** Hands the buffer to the system; durable only after `sync`. */
  async flush(): Promise<void> {
    if (this.#filled === 0) return
    await this.#current().append(this.#buffer.subarray(0, this.#filled))
    this.#filled = 0
  }

  async sync(): Promise<void> {
    if (!this.isDirty) return
    await this.flush()
    await this.#current().sync()
    this.#durable = this.#flushedSize
  }

  /** Closes the archive with its two zero blocks, makes it durable and begins the next segment. */
  async roll(): Promise<void> {
    if (this.#appender !== undefined) {
      await this.flush()
      await this.#appender.append(Buffer.alloc(sealBytes))
      await this.#appender.sync()
      this.#options.onSealed(this.#segment, this.#appender.size)
      await this.#appender.close()
      this.#appender = undefined
    }
    const next = { lane: this.#segment.lane, number: this.#segment.number + 1 }
    this.#appender = await this.#options.objects.openAppender(segmentKey(next))
    this.#segment = next
    this.#durable = this.#appender.size
  }

  async close(): Promise<void> {
    await this.#appender?.close()
    this.#appender = undefined
  }

  get #flushedSize(): number {
    return this.#appender?.size ?? 0
  }

  #current(): Appender {
    invariant(this.#appender !== undefined, 'a lane writer is used after it was closed')
    return this.#appender
  }

  #hasRoom(length: number): boolean {
    const size = this.#flushedSize + this.#filled
    return size === 0 || size + length + sealBytes <= this.#options.segmentBytes
  }

  async #makeRoom(length: number): Promise<void> {
    if (this.#appender === undefined || !this.#hasRoom(length)) await this.roll()
  }

  async #putWhole(
    header: MemberHeader,
    chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ): Promise<Placement> {
    const start = this.#flushedSize
    await this.#appendOrCut(async (appender) => {
      const head = Buffer.alloc(headerLength(header.size))
      writeHeader(head, 0, header)
      await appender.append(head)
      for await (const chunk of chunks) await appender.append(chunk)
      const missing = start + memberLength(header.size) - appender.size
      await appender.append(missing === 0 ? noBytes : Buffer.alloc(missing))
    })
    return { segment: this.#segment, offset: start + headerLength(header.size) }
  }

  async #appendOrCut(write: (appender: Appender) => Promise<void>): Promise<void> {
    const appender = this.#current()
    const start = appender.size
    try {
      await write(appender)
    } catch (error) {
      await appender.truncate(start)
      throw error
    }
  }
}
