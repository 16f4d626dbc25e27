import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileFault } from '../target/file-fault.ts'

/** Text held in memory before it goes to disk. */
const heldChars = 16 << 20

/** Lines in numbered buckets, kept in scratch files as soon as they are many. */
export class OrderSpill {
  readonly #parent: string
  #folder: string | undefined
  #lines: string[][]
  #held = 0

  constructor(parent: string, buckets: number) {
    this.#parent = parent
    this.#lines = Array.from({ length: buckets }, () => [])
  }

  add(bucket: number, line: string): void {
    this.#lines[bucket]?.push(line)
    this.#held += line.length
    if (this.#held > heldChars) this.#flush()
  }

  /** All lines of a bucket, in no order; each bucket is asked for once. */
  take(bucket: number): string[] {
    const held = this.#lines[bucket] ?? []
    this.#lines[bucket] = []
    if (this.#folder === undefined) return held
    const file = join(this.#folder, String(bucket))
    try {
      const spilled = readFileSync(file, { encoding: 'utf8', flag: 'a+' })
      rmSync(file)
      return spilled === '' ? held : [...spilled.slice(0, -1).split('\n'), ...held]
    } catch (error) {
      throw fileFault(error, 'read', file)
    }
  }

  close(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
  }

  #flush(): void {
    try {
      this.#folder ??= mkdtempSync(join(this.#parent, 'varve-order-'))
      for (const [bucket, lines] of this.#lines.entries()) {
        if (lines.length === 0) continue
        appendFileSync(join(this.#folder, String(bucket)), `${lines.join('\n')}\n`)
        this.#lines[bucket] = []
      }
    } catch (error) {
      throw fileFault(error, 'write', this.#folder ?? this.#parent)
    }
    this.#held = 0
  }
}
