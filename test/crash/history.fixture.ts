import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { RecordingFiles, type FileOperation } from '../../src/storage/testing.ts'
import type { MemoryFiles } from '../../src/storage/index.ts'
import { openOver, type CachePaths, type OpenedStore } from './memory-store.fixture.ts'
import { fastFolder, seededRandom } from './seeded.fixture.ts'
import { allCommits, textsOf, worldOf, type World } from './world.fixture.ts'

/** The caches as some instant of the history left them. */
export interface CacheImage {
  /** How many operations of the log had happened. */
  readonly at: number
  readonly index: Buffer | undefined
  readonly catalog: Buffer | undefined
}

/** What happened to a disk, and what was promised when. */
export interface History {
  readonly name: string
  /** Operations before this one set the scene; no crash is looked for in them. */
  readonly begin: number
  readonly log: readonly FileOperation[]
  readonly images: readonly CacheImage[]
  /** The world after each acknowledged step; a mark in the log names its place in this list. */
  readonly worlds: readonly World[]
  /** Files and their texts below every root there ever was. */
  readonly texts: ReadonlyMap<string, Readonly<Record<string, string>>>
}

/** One step: one change that is there wholly or not at all, once it resolved for good. */
export type Step = (recorder: Recorder) => Promise<unknown>

/** Tells before every operation, so that the caches can be looked at between two of them. */
class WatchedFiles extends RecordingFiles {
  before: () => void = () => undefined

  override write(fd: number, bytes: Uint8Array, position: number): void {
    this.before()
    super.write(fd, bytes, position)
  }

  override truncate(fd: number, size: number): void {
    this.before()
    super.truncate(fd, size)
  }

  override fsync(fd: number): void {
    this.before()
    super.fsync(fd)
  }

  override unlink(path: string): void {
    this.before()
    super.unlink(path)
  }

  override syncDirectory(path: string): void {
    this.before()
    super.syncDirectory(path)
  }
}

/** Runs steps over files that remember everything, with caches on the real disk. */
export class Recorder {
  readonly folder: string = mkdtempSync(join(fastFolder(), 'varve-crash-'))
  readonly files = new WatchedFiles()
  readonly worlds: World[] = []
  readonly texts = new Map<string, Readonly<Record<string, string>>>()
  readonly #images: CacheImage[] = []
  readonly #name: string
  readonly #watched = new Map<string, { database: DatabaseSync; version: number }>()
  #begin = 0
  #opened: OpenedStore | undefined

  constructor(name: string) {
    this.#name = name
    this.files.before = () => this.#takeImage()
  }

  get caches(): CachePaths {
    return { index: join(this.folder, 'index'), catalog: join(this.folder, 'catalog') }
  }

  get opened(): OpenedStore {
    if (this.#opened === undefined) throw new Error('the history is not open')
    return this.#opened
  }

  get store() {
    return this.opened.store
  }

  /** Begins on a disk that is there already, wholly synced. */
  copy(disk: MemoryFiles): void {
    const directories = [...disk.directories].toSorted((a, b) => a.length - b.length)
    for (const path of directories) this.files.makeDirectory(path)
    for (const [path, file] of disk.files) {
      const fd = this.files.open(path, 'create')
      this.files.write(fd, file.content(), 0)
      this.files.fsync(fd)
      this.files.close(fd)
    }
    for (const path of directories) this.files.syncDirectory(path)
    this.#begin = this.files.log.length
  }

  async open(options: { rebuildIndex?: boolean } = {}): Promise<void> {
    const random = seededRandom(`${this.#name}/${this.files.log.length}`)
    const { files, caches } = this
    this.#opened = await openOver({ files, caches, random, ...options })
  }

  /** What a new process finds, after this one closed in good order. */
  async reopen(options: { rebuildIndex?: boolean } = {}): Promise<void> {
    await this.opened.close()
    this.#forget()
    await this.open(options)
  }

  /** Notes that everything so far is acknowledged. */
  async acknowledge(): Promise<void> {
    this.worlds.push(worldOf(this.store))
    for (const commit of allCommits(this.store)) {
      if (!this.texts.has(commit.files)) {
        this.texts.set(commit.files, await textsOf(this.store, commit))
      }
    }
    this.#takeImage()
    this.files.mark(String(this.worlds.length - 1))
  }

  async end(): Promise<History> {
    await this.#opened?.close()
    this.#forget()
    rmSync(this.folder, { recursive: true })
    const { worlds, texts, files } = this
    const shared = { name: this.#name, begin: this.#begin, images: this.#images }
    return { ...shared, log: files.log, worlds, texts }
  }

  #takeImage(): void {
    const { index, catalog } = this.caches
    const changed = [index, catalog].map((path) => this.#hasChanged(path))
    if (!changed.includes(true)) return
    const at = this.files.log.length
    this.#images.push({ at, index: this.#bytes(index), catalog: this.#bytes(catalog) })
  }

  #hasChanged(path: string): boolean {
    const watched = this.#watched.get(path) ?? this.#watch(path)
    if (watched === undefined) return false
    const row = watched.database.prepare('PRAGMA data_version').get()
    const version = Number(row?.['data_version'])
    const changed = version !== watched.version
    watched.version = version
    return changed
  }

  #watch(path: string) {
    try {
      const database = new DatabaseSync(path, { readOnly: true })
      const watched = { database, version: -1 }
      this.#watched.set(path, watched)
      return watched
    } catch {
      return undefined
    }
  }

  #bytes(path: string): Buffer | undefined {
    const watched = this.#watched.get(path)
    if (watched === undefined) return undefined
    const target = `${path}.image`
    watched.database.exec(`VACUUM INTO '${target}'`)
    const bytes = readFileSync(target)
    rmSync(target)
    return bytes
  }

  /** The files may be made anew: connections to the old ones would show the old ones. */
  #forget(): void {
    for (const { database } of this.#watched.values()) database.close()
    this.#watched.clear()
  }
}

/**
 * Records steps, each acknowledged when it resolves, from an empty disk or from the one that other
 * steps left: in those no crash is looked for.
 */
export async function recordHistory(
  name: string,
  steps: readonly Step[],
  earlier: readonly Step[] = [],
): Promise<History> {
  const recorder = new Recorder(name)
  if (earlier.length > 0) recorder.copy(await diskAfter(`${name}, earlier`, earlier))
  await recorder.open()
  await recorder.acknowledge()
  for (const step of steps) {
    await step(recorder)
    await recorder.acknowledge()
  }
  return recorder.end()
}

async function diskAfter(name: string, steps: readonly Step[]): Promise<MemoryFiles> {
  const recorder = new Recorder(name)
  await recorder.open()
  for (const step of steps) await step(recorder)
  await recorder.end()
  return recorder.files
}
