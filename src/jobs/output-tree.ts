import { parentDirectories, isVarveError, type Digest } from '../model/index.ts'
import type { KeyIndexEdit } from '../pipelines/index.ts'
import type { Content, FileEdit } from '../repos/index.ts'
import {
  datumKey,
  encodeDatumRecord,
  ownerKey,
  retryKey,
  type DatumRecord,
} from './datum-record.ts'
import { keyIndexEdit } from './key-index.ts'
import { unpackRecords } from './record-lists.ts'
import type { DatumOutput } from './types.ts'

export interface TreeRoots {
  readonly files: Digest
  readonly datums: Digest
}

export interface NamedRecord {
  readonly id: Digest
  readonly record: DatumRecord
}

/** Two datums of one final tree that cannot both have their way. */
export interface OutputConflict {
  readonly kind: 'same path' | 'file and directory'
  readonly path: string
  readonly datums: readonly [Digest, Digest]
}

type DatumsEdit = { readonly key: string; readonly bytes: Uint8Array | undefined }

/** Outputs held in memory at a time, about 300 bytes each. */
const mostWaiting = 250_000

/**
 * The trees of an output commit in the making: the base's, minus what removed and changed datums
 * wrote, plus what this job's datums wrote. Removing comes before adding, so a path may move from
 * one datum to another. Costs what changes, not what is there.
 */
export class OutputTree {
  readonly #content: Content
  #roots: TreeRoots
  #waiting = new Map<string, { readonly id: Digest; readonly output: DatumOutput }>()

  constructor(content: Content, base: TreeRoots) {
    this.#content = content
    this.#roots = base
  }

  get roots(): TreeRoots {
    return this.#roots
  }

  /** Takes datums of the base and all they wrote out. Ids the base does not have are ignored. */
  async remove(ids: readonly Digest[]): Promise<void> {
    const records = await this.#recordsOf(ids)
    const files: FileEdit[] = []
    const datums: DatumsEdit[] = []
    for (const { id, outputs } of records) {
      datums.push({ key: datumKey(id), bytes: undefined }, { key: retryKey(id), bytes: undefined })
      for (const { path } of outputs) {
        files.push({ path, file: undefined })
        datums.push({ key: ownerKey(path), bytes: undefined })
      }
    }
    await this.#edit(files, datums)
  }

  /**
   * Adds the results of datums, all of them even where two conflict; answers the first conflict.
   * What they wrote goes into the trees with many others (`flush`): results come in order of id, so
   * their paths are all over the tree.
   */
  async add(results: readonly NamedRecord[]): Promise<OutputConflict | undefined> {
    if (results.length === 0) return undefined
    const full = await unpackRecords(
      this.#content,
      results.map(({ record }) => record),
    )
    const datums: DatumsEdit[] = []
    let conflict: OutputConflict | undefined
    for (const [place, { id, record }] of results.entries()) {
      datums.push({ key: datumKey(id), bytes: encodeDatumRecord(record) })
      const done = record.state === 'success'
      // Deleting what is not there costs a look: only a base has datums to be tried again.
      if (!done) datums.push({ key: retryKey(id), bytes: Buffer.from(record.state) })
      for (const output of done ? (full[place]?.outputs ?? []) : []) {
        const other = this.#waiting.get(output.path)?.id
        if (other === undefined) this.#waiting.set(output.path, { id, output })
        else conflict ??= { kind: 'same path', path: output.path, datums: [other, id] }
      }
    }
    await this.#edit([], datums)
    if (conflict !== undefined) return conflict
    return this.#waiting.size < mostWaiting ? undefined : this.flush()
  }

  /** Brings outputs that wait into the trees; answers the first conflict with what is there. */
  async flush(): Promise<OutputConflict | undefined> {
    const waiting = this.#waiting
    this.#waiting = new Map()
    const owners = new Map<string, Digest>()
    const files: FileEdit[] = []
    const datums: DatumsEdit[] = []
    for (const [path, { id, output }] of waiting) {
      owners.set(path, id)
      files.push(fileEdit(output))
      datums.push({ key: ownerKey(path), bytes: Buffer.from(id, 'hex') })
    }
    return (await this.#takenBy(owners)) ?? (await this.#tryEdit(files, datums, owners))
  }

  async editIndex(edits: readonly KeyIndexEdit[]): Promise<void> {
    await this.#edit([], edits.map(keyIndexEdit))
  }

  async #recordsOf(ids: readonly Digest[]) {
    const entries = await this.#content.entries(this.#roots.datums, ids.map(datumKey))
    const found = entries.flatMap((entry, place) => {
      const id = ids[place]
      if (entry === undefined || id === undefined) return []
      return [{ id, record: JSON.parse(Buffer.from(entry.value).toString()) as DatumRecord }]
    })
    const full = await unpackRecords(
      this.#content,
      found.map(({ record }) => record),
    )
    return found.map(({ id }, place) => ({ id, outputs: full[place]?.outputs ?? [] }))
  }

  /** A path another datum of the tree wrote already. */
  async #takenBy(owners: ReadonlyMap<string, Digest>): Promise<OutputConflict | undefined> {
    const paths = [...owners.keys()]
    const taken = await this.#content.entries(this.#roots.datums, paths.map(ownerKey))
    for (const [place, entry] of taken.entries()) {
      const path = paths[place] ?? ''
      const id = owners.get(path)
      if (entry === undefined || id === undefined) continue
      const other = Buffer.from(entry.value).toString('hex') as Digest
      if (other !== id) return { kind: 'same path', path, datums: [other, id] }
    }
    return undefined
  }

  async #tryEdit(
    files: readonly FileEdit[],
    datums: readonly DatumsEdit[],
    owners: ReadonlyMap<string, Digest>,
  ): Promise<OutputConflict | undefined> {
    try {
      await this.#edit(files, datums)
      return undefined
    } catch (error) {
      if (!isVarveError(error, 'PATH_CONFLICT')) throw error
      const conflict = await this.#collision(owners)
      if (conflict === undefined) throw error
      return conflict
    }
  }

  /** Which new file is where another datum has a directory, or the other way round. */
  async #collision(owners: ReadonlyMap<string, Digest>): Promise<OutputConflict | undefined> {
    for (const [path, id] of owners) {
      for (const directory of parentDirectories(path)) {
        const other = owners.get(directory) ?? (await this.#ownerOf(directory))
        if (other !== undefined) {
          return { kind: 'file and directory', path: directory, datums: [other, id] }
        }
      }
      for await (const entry of this.#content.scan(this.#roots.datums, ownerKey(`${path}/`))) {
        const other = Buffer.from(entry.value).toString('hex') as Digest
        return { kind: 'file and directory', path, datums: [other, id] }
      }
    }
    return undefined
  }

  async #ownerOf(path: string): Promise<Digest | undefined> {
    const [entry] = await this.#content.entries(this.#roots.datums, [ownerKey(path)])
    return entry === undefined ? undefined : (Buffer.from(entry.value).toString('hex') as Digest)
  }

  async #edit(files: readonly FileEdit[], datums: readonly DatumsEdit[]): Promise<void> {
    const before = this.#roots
    const content = this.#content
    this.#roots = {
      files: files.length === 0 ? before.files : await content.editFiles(before.files, files),
      datums: datums.length === 0 ? before.datums : await content.editTree(before.datums, datums),
    }
  }
}

function fileEdit({ path, digest, size, executable }: DatumOutput): FileEdit {
  return { path, file: { digest, size, ...(executable === true ? { executable } : {}) } }
}
