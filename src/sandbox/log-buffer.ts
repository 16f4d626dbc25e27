import type { CommandLog } from './types.ts'

const HEAD_BYTES = 64 * 1024
const TAIL_BYTES = 64 * 1024
const END_BYTES = 512

/** Keeps the head and the tail of an endless stream of bytes in bounded memory. */
export class LogBuffer {
  #head: Buffer[] = []
  #headBytes = 0
  #tail: Buffer[] = []
  #tailBytes = 0
  #omitted = 0
  #end: Buffer = Buffer.alloc(0)

  push(chunk: Buffer): void {
    this.#end = Buffer.concat([this.#end, chunk.subarray(-END_BYTES)]).subarray(-END_BYTES)
    const room = HEAD_BYTES - this.#headBytes
    if (room > 0) {
      const part = chunk.subarray(0, room)
      this.#head.push(part)
      this.#headBytes += part.length
    }
    if (chunk.length > room) this.#pushTail(chunk.subarray(Math.max(room, 0)))
  }

  /** The last bytes seen, at most `END_BYTES`, to look for a mark at the end of the stream. */
  get end(): Buffer {
    return this.#end
  }

  /** The log without its last `dropped` bytes. */
  finish(dropped: number): CommandLog {
    const tail = Buffer.concat(this.#tail)
    const head = Buffer.concat(this.#head)
    const fromTail = Math.min(dropped, tail.length)
    const lastPart = tail.subarray(0, tail.length - fromTail)
    const firstPart = head.subarray(0, head.length - (dropped - fromTail))
    if (this.#omitted === 0) {
      return { text: Buffer.concat([firstPart, lastPart]).toString('utf8'), omittedBytes: 0 }
    }
    const gap = `\n[... ${String(this.#omitted)} bytes of log left out ...]\n`
    return {
      text: firstPart.toString('utf8') + gap + lastPart.toString('utf8'),
      omittedBytes: this.#omitted,
    }
  }

  #pushTail(chunk: Buffer): void {
    this.#tail.push(chunk)
    this.#tailBytes += chunk.length
    let first = this.#tail[0]
    while (first !== undefined && this.#tailBytes - first.length >= TAIL_BYTES) {
      this.#tail.shift()
      this.#tailBytes -= first.length
      this.#omitted += first.length
      first = this.#tail[0]
    }
  }
}
