import { posix } from 'node:path'
import { MemoryFile, MemoryFiles } from './memory-files.ts'
import type { FileOperation } from './recording-files.ts'

export interface CrashState {
  /** How many operations of the log had happened. */
  readonly at: number
  /** Labels marked before the crash: what had been acknowledged. */
  readonly marks: readonly string[]
  /** The disk as the next process finds it. */
  readonly files: MemoryFiles
}

export interface CrashOptions {
  readonly seed: number
  /** About how many states to answer. Every prefix of the log gives at least one. */
  readonly limit: number
}

const sectorBytes = 512

type ContentOperation = Extract<FileOperation, { kind: 'write' | 'truncate' }>
type NameOperation = Exclude<
  FileOperation,
  ContentOperation | { kind: 'fsync' | 'syncDirectory' | 'mark' }
>
type Fraction = () => number

/**
 * Disks a power cut may leave, for every prefix of a log: of the unsynced writes any subset, each
 * whole, torn at sectors or only counted in the file's size (it reads as zeros); of the unsynced
 * operations on a directory any prefix. The two extremes come first, then samples of the rest.
 */
export function* crashStates(
  log: readonly FileOperation[],
  { seed, limit }: CrashOptions,
): Generator<CrashState> {
  const fraction = generator(seed)
  const samples = Math.max(0, Math.round(limit / (log.length + 1)) - 2)
  const disk = new Disk()
  for (let at = 0; at <= log.length; at++) {
    const marks = [...disk.marks]
    yield { at, marks, files: disk.build(() => 0) }
    if (disk.isUncertain) {
      yield { at, marks, files: disk.build(() => 1) }
      for (let i = 0; i < samples; i++) yield { at, marks, files: disk.build(fraction) }
    }
    const next = log[at]
    if (next !== undefined) disk.apply(next)
  }
}

/** What is durable and what is not yet, after some operations. */
class Disk {
  readonly marks: string[] = []
  readonly #contents = new Map<number, { durable: MemoryFile; pending: ContentOperation[] }>()
  readonly #names = new Map<string, { durable: NameOperation[]; pending: NameOperation[] }>()

  get isUncertain(): boolean {
    const all = [...this.#contents.values(), ...this.#names.values()]
    return all.some(({ pending }) => pending.length > 0)
  }

  apply(op: FileOperation): void {
    switch (op.kind) {
      case 'mark':
        this.marks.push(op.label)
        return
      case 'write':
      case 'truncate':
        this.#content(op.file).pending.push(op)
        return
      case 'fsync': {
        const content = this.#content(op.file)
        for (const pending of content.pending) persist(content.durable, pending, () => 1)
        content.pending = []
        return
      }
      case 'syncDirectory': {
        const names = this.#directory(op.path)
        names.durable.push(...names.pending)
        names.pending = []
        return
      }
      case 'create':
      case 'makeDirectory':
      case 'unlink':
      case 'rename':
        this.#directory(posix.dirname(op.path)).pending.push(op)
    }
  }

  /** One disk; `fraction` decides each uncertain thing: 0 is lost, just below 1 is kept. */
  build(fraction: Fraction): MemoryFiles {
    const entries = new Map<string, number | 'directory'>()
    for (const { durable, pending } of this.#names.values()) {
      const kept = Math.floor(Math.min(fraction(), 0.999999) * (pending.length + 1))
      for (const op of [...durable, ...pending.slice(0, kept)]) applyName(entries, op)
    }
    const files = new MemoryFiles()
    const paths = [...entries.keys()].toSorted((a, b) => a.length - b.length)
    for (const path of paths) {
      const entry = entries.get(path)
      if (!files.directories.has(posix.dirname(path))) continue
      if (entry === 'directory') files.directories.add(path)
      else files.files.set(path, this.#buildFile(entry ?? 0, fraction))
    }
    return files
  }

  #buildFile(file: number, fraction: Fraction): MemoryFile {
    const { durable, pending } = this.#content(file)
    const built = new MemoryFile()
    built.write(durable.content(), 0)
    for (const op of pending) persist(built, op, fraction)
    return built
  }

  #content(file: number) {
    let content = this.#contents.get(file)
    if (content === undefined) {
      content = { durable: new MemoryFile(), pending: [] }
      this.#contents.set(file, content)
    }
    return content
  }

  #directory(path: string) {
    let names = this.#names.get(path)
    if (names === undefined) {
      names = { durable: [], pending: [] }
      this.#names.set(path, names)
    }
    return names
  }
}

function applyName(entries: Map<string, number | 'directory'>, op: NameOperation): void {
  const { path } = op
  if (op.kind === 'create') entries.set(path, op.file)
  if (op.kind === 'makeDirectory') entries.set(path, 'directory')
  if (op.kind === 'unlink') entries.delete(path)
  if (op.kind !== 'rename') return
  const entry = entries.get(path)
  entries.delete(path)
  if (entry !== undefined) entries.set(op.to, entry)
}

/** Lets one unsynced operation reach the disk: not, wholly, or in part. */
function persist(file: MemoryFile, op: ContentOperation, fraction: Fraction): void {
  const fate = fraction()
  if (fate < 0.25) return
  if (op.kind === 'truncate') {
    file.resize(op.size)
    return
  }
  if (fate > 0.6) {
    file.write(op.bytes, op.position)
    return
  }
  const end = op.position + op.bytes.length
  if (fate > 0.35) file.resize(Math.max(file.size, end))
  const keptUntil = op.position + fraction() * op.bytes.length
  const isScattered = fate > 0.5
  for (let start = op.position; start < end;) {
    const next = Math.min(end, (Math.floor(start / sectorBytes) + 1) * sectorBytes)
    const isKept = isScattered ? fraction() < 0.5 : next <= keptUntil
    if (isKept) file.write(op.bytes.subarray(start - op.position, next - op.position), start)
    start = next
  }
}

/** mulberry32: small, seeded, good enough to pick samples. */
function generator(seed: number): Fraction {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
