import { tmpdir } from 'node:os'
import { VarveError } from '../../model/index.ts'
import type { CommitInfo, CommitRef, Store } from '../../repos/index.ts'
import type { MaterializerParts, Selection } from '../types.ts'
import { SampleGrouper } from './group-samples.ts'
import type { Sample } from './sample.ts'
import { sampleColumns } from './sample-columns.ts'
import { shuffled } from './shuffle.ts'
import { Where } from './where.ts'

const batchSamples = 1000

/** The samples a caller asked for: of one finished commit, filtered, in path or shuffled order. */
export class SelectedSamples {
  readonly commit: CommitInfo
  readonly #parts: MaterializerParts
  readonly #selection: Selection
  /** One bit for each sample of the commit in path order; undefined when there is no condition. */
  #kept: Uint8Array | undefined
  #grouper = new SampleGrouper()

  private constructor(parts: MaterializerParts, selection: Selection) {
    this.commit = contentCommit(parts.store, selection.commit)
    this.#parts = parts
    this.#selection = selection
  }

  /** Runs the condition over all samples, so that its faults are told before anything is written. */
  static async open(parts: MaterializerParts, selection: Selection): Promise<SelectedSamples> {
    const samples = new SelectedSamples(parts, selection)
    await samples.#select()
    return samples
  }

  /** Batches of samples in path order (of their last file), or shuffled by a seed. */
  async *batches(seed?: string): AsyncGenerator<readonly Sample[]> {
    if (seed === undefined) {
      yield* this.#inPathOrder()
      return
    }
    const { count } = this.commit
    const directory = this.#parts.temporaryDirectory ?? tmpdir()
    yield* shuffled(this.#inPathOrder(), { seed, samples: count, directory })
  }

  /** Files of the last walk that are part of no sample. */
  get skipped(): { readonly count: number; readonly paths: readonly string[] } {
    return { count: this.#grouper.skipped, paths: this.#grouper.skippedPaths }
  }

  async *#inPathOrder(): AsyncGenerator<readonly Sample[]> {
    const kept = this.#kept
    let ordinal = 0
    for await (const batch of this.#all()) {
      if (kept === undefined) {
        yield batch
        continue
      }
      const first = ordinal
      ordinal += batch.length
      yield batch.filter((_, at) => bitAt(kept, first + at))
    }
  }

  async *#all(): AsyncGenerator<readonly Sample[]> {
    const { content } = this.#parts.store
    const { match } = this.#selection
    const grouper = new SampleGrouper()
    this.#grouper = grouper
    let whole: Sample[] = []
    for await (const entry of content.scan(this.commit.files, match?.prefix ?? '')) {
      if (match !== undefined && !match.matches(entry.key)) continue
      grouper.add(content.fileOf(entry), whole)
      if (whole.length < batchSamples) continue
      yield whole
      whole = []
    }
    grouper.end(whole)
    if (whole.length > 0) yield whole
  }

  async #select(): Promise<void> {
    if (this.#selection.where === undefined) return
    const where = new Where(this.#selection.where)
    try {
      this.#kept = await this.#judge(where)
      where.end()
    } finally {
      where.close()
    }
  }

  async #judge(where: Where): Promise<Uint8Array> {
    const kept = new Uint8Array(Math.ceil(this.commit.count / 8))
    let ordinal = 0
    for await (const batch of this.#all()) {
      const columns = await this.#columnsOf(batch)
      const rows = batch.map(({ key }, at) => ({ key, columns: columns[at] }))
      for (const holds of where.holds(rows)) {
        if (holds) kept[ordinal >> 3] = (kept[ordinal >> 3] ?? 0) | (1 << (ordinal & 7))
        ordinal++
      }
    }
    return kept
  }

  #columnsOf(batch: readonly Sample[]): ReturnType<NonNullable<Selection['columnsOf']>> {
    const { columnsOf } = this.#selection
    if (columnsOf !== undefined) return columnsOf(batch.map(({ key }) => key))
    return sampleColumns(this.#parts.store.content, batch)
  }
}

function bitAt(bits: Uint8Array, at: number): boolean {
  return (((bits[at >> 3] ?? 0) >> (at & 7)) & 1) === 1
}

/**
 * The finished commit a reader of `ref` gets: a branch whose head is still being computed or failed
 * shows its last good one. `COMMIT_OPEN` where files may still change.
 */
function contentCommit(store: Store, ref: CommitRef): CommitInfo {
  const named = store.commits.inspect(ref)
  if (isGood(named)) return named
  const byId = typeof ref === 'string' ? ref.includes(named.id) : 'id' in ref
  if (!byId && (named.origin !== 'USER' || named.state === 'finished')) {
    const history = store.commits.list({ repo: named.repo, from: named, types: 'all' })
    const good = history.find(isGood)
    if (good !== undefined) return good
  }
  throw new VarveError('COMMIT_OPEN', {
    what: `The commit ${named.repo}@${named.id} is not finished, or failed, so its files may change.`,
    data: { repo: named.repo, commit: named.id },
  })
}

const isGood = ({ state, error }: CommitInfo): boolean =>
  state === 'finished' && error === undefined
