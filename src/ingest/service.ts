import { setImmediate } from 'node:timers/promises'
import type { Consumer, EventBus, Message } from '../events/index.ts'
import type { RepoKey, Store } from '../repos/index.ts'
import type { Clock } from '../util/index.ts'
import { Appender, type EndedWork } from './appender.ts'
import type { HostReport } from './fetch/index.ts'
import { RowFeed, type DueRow, type FeedBatch } from './row-feed.ts'
import { fetchRow, finishRow, type FetchedRow, type RowWorkOptions } from './row-work.ts'
import type { ListEnd } from './rows/ops.ts'
import { RowTable } from './rows/row-table.ts'
import type { RowStatus } from './rows/row.ts'
import { listsTopic, rowsTopic, serviceGroup } from './topics.ts'
import { WakeUp } from './wake-up.ts'

export interface ServiceDeps {
  readonly store: Store
  readonly bus: EventBus
  readonly clock: Clock
  readonly work: RowWorkOptions
}

export interface ServiceOptions {
  readonly repo: RepoKey
  readonly branch: string
  /** Rows on their way at once. */
  readonly concurrency: number
  /** A commit is made after so many rows or so many seconds, whichever comes first. */
  readonly commitRows: number
  readonly commitSeconds: number
  /** End when the queue is empty instead of waiting for more. */
  readonly untilIdle: boolean
  readonly maxRows?: number
  /** Stops: what has been fetched is committed, what is on its way is left to the next start. */
  readonly signal: AbortSignal
  /** Told about once a second, after each commit, and at the end. */
  readonly progress?: (progress: ServiceProgress) => void
}

export interface ServiceProgress {
  readonly startedAt: number
  readonly at: number
  readonly rows: number
  readonly bytes: number
  readonly statuses: Readonly<Partial<Record<RowStatus, number>>>
  /** Of the rows: those that were wished for anew. */
  readonly again: number
  readonly onTheWay: number
  /** Rows on the bus that no commit has settled. */
  readonly waiting: number
  readonly commits: number
  readonly hosts: readonly HostReport[]
}

/** Bytes in memory between fetching and storing; beyond, no request goes out. */
const mostBytesHeld = 64 * 1024 * 1024
/** Requests begun in one go: to begin thousands takes a second, in which no host would hear of any. */
const startedTogether = 64
/** Rows stored in one go. */
const storedTogether = 200
const bytesStoredTogether = 8 * 1024 * 1024
const idleWaitMs = 500
const commitsBetweenTrims = 20
const progressEveryMs = 1000

/** Takes rows off the bus until told to stop, and turns them into commits of the repo. */
export async function runService(
  deps: ServiceDeps,
  options: ServiceOptions,
): Promise<ServiceProgress> {
  const at = { topic: rowsTopic(options.repo), group: serviceGroup }
  const consumer = await deps.bus.join(at)
  const lists = await deps.bus.join({ topic: listsTopic(options.repo), group: serviceGroup })
  const service = new Service({ ...deps, consumer, lists }, options)
  try {
    return await service.run()
  } finally {
    await consumer.leave()
    await lists.leave()
  }
}

interface Parts extends ServiceDeps {
  readonly consumer: Consumer
  readonly lists: Consumer
}

class Service {
  readonly #parts: Parts
  readonly #options: ServiceOptions
  readonly #feed: RowFeed
  readonly #appender: Appender
  readonly #wakeUp = new WakeUp()
  readonly #startedAt: number
  readonly #statuses: Partial<Record<RowStatus, number>> = {}
  #queue: DueRow[] = []
  #running = 0
  /** More can be started, and will be when others have had their turn. */
  #restWaits = false
  /** Messages the last look at the bus brought. */
  #came = 0
  #taken = 0
  /** Ended, and not stored yet. */
  #ended: { work: EndedWork; message: Message }[] = []
  #endedBytes = 0
  /** Fetched, and not stored yet. */
  #heldBytes = 0
  /** Stored; to be acknowledged after the next commit. */
  #unacknowledged: Message[] = []
  #unacknowledgedLists: Message[] = []
  #settling: string[] = []
  #fault: Error | undefined
  #committedAt: number
  #rows = 0
  #again = 0
  #bytes = 0
  #commits = 0
  #toldAt = 0
  #toldCommits = 0

  constructor(parts: Parts, options: ServiceOptions) {
    const { store, clock } = parts
    this.#parts = parts
    this.#options = options
    this.#feed = new RowFeed(parts.consumer, new RowTable(store.db, options.repo))
    this.#appender = new Appender({
      store,
      repo: options.repo,
      branch: options.branch,
      hashName: parts.work.computeHash,
    })
    this.#startedAt = clock.now()
    this.#committedAt = this.#startedAt
  }

  async run(): Promise<ServiceProgress> {
    const { signal } = this.#options
    const stop = (): void => this.#wakeUp.now()
    signal.addEventListener('abort', stop)
    try {
      let going = true
      while (going && !signal.aborted) {
        going = await this.#turn()
        if (going) await this.#pause()
      }
      await this.#allStopped()
      await this.#store()
      await this.#commit()
    } finally {
      signal.removeEventListener('abort', stop)
      await this.#appender.discard()
    }
    return this.#tell(true)
  }

  /** Takes, stores and commits what there is; false when nothing more is to be waited for. */
  async #turn(): Promise<boolean> {
    this.#came = await this.#take()
    await this.#store()
    if (this.#fault !== undefined) throw this.#fault
    if (this.#isCommitDue()) await this.#commit()
    await this.#tell()
    if (this.#came > 0 || !this.#isIdle()) return true
    await this.#commit()
    if (this.#isSpent()) return false
    // What another member of the group holds comes back to this one if that one fails.
    return !this.#options.untilIdle || (await this.#lag()) > 0
  }

  #isIdle(): boolean {
    return this.#running === 0 && this.#queue.length === 0 && this.#ended.length === 0
  }

  #canTake(): boolean {
    return this.#queue.length < this.#options.concurrency && !this.#isSpent()
  }

  #isSpent(): boolean {
    return this.#taken >= (this.#options.maxRows ?? Infinity)
  }

  #isCommitDue(): boolean {
    const { commitRows, commitSeconds } = this.#options
    // Messages of rows that had ended before wait too, with nothing to append.
    const waiting = Math.max(this.#appender.waiting, this.#unacknowledged.length)
    if (waiting === 0) return false
    if (waiting >= commitRows) return true
    return this.#parts.clock.now() - this.#committedAt >= commitSeconds * 1000
  }

  /** Fills the queue from the bus and starts what can be started; answers how many messages came. */
  async #take(): Promise<number> {
    let came = await this.#takeLists()
    if (this.#canTake()) {
      const most = Math.min(1000, (this.#options.maxRows ?? Infinity) - this.#taken)
      const batch = await this.#feed.next(most)
      came += this.#sort(batch)
    }
    this.#startMore()
    return came
  }

  #sort({ due, duplicates, spent }: FeedBatch): number {
    this.#taken += due.length + duplicates.length
    this.#queue.push(...due)
    for (const { end, message } of duplicates) this.#ended.push({ work: { end }, message })
    this.#unacknowledged.push(...spent)
    return due.length + duplicates.length + spent.length
  }

  async #takeLists(): Promise<number> {
    const messages = await this.#parts.lists.poll(100)
    this.#appender.addLists(messages.map(({ fact }) => fact.data as unknown as ListEnd))
    this.#unacknowledgedLists.push(...messages)
    return messages.length
  }

  #startMore(): void {
    for (let started = 0; started < startedTogether; started += 1) {
      if (!this.#canStart()) return
      const next = this.#queue.shift()
      if (next === undefined) return
      this.#running += 1
      void this.#work(next)
    }
    void this.#startRest()
  }

  #canStart(): boolean {
    const { concurrency, signal } = this.#options
    return this.#running < concurrency && !signal.aborted && this.#fault === undefined
  }

  async #startRest(): Promise<void> {
    if (this.#restWaits) return
    this.#restWaits = true
    await setImmediate()
    this.#restWaits = false
    this.#startMore()
  }

  async #work(due: DueRow): Promise<void> {
    try {
      const fetched = await fetchRow(this.#parts.work, due, this.#options.signal)
      const size = sizeOf(fetched)
      this.#hold(size)
      const work = await finishRow(this.#parts.work, fetched)
      this.#ended.push({ work, message: due.message })
      this.#endedBytes += work.bytes?.length ?? 0
      this.#hold((work.bytes?.length ?? 0) - size)
      this.#recycle(fetched, work)
    } catch (error) {
      // Broken off by the signal: the row is left to the next start.
      if (!this.#options.signal.aborted)
        this.#fault ??= error instanceof Error ? error : new Error(String(error))
    }
    this.#running -= 1
    this.#startMore()
    const together = Math.min(storedTogether, this.#options.commitRows)
    const full = this.#ended.length >= together || this.#endedBytes >= bytesStoredTogether
    if (full || this.#running === 0 || this.#fault !== undefined) this.#wakeUp.now()
  }

  /** Where making and storing files is slower than fetching them, fetching waits. */
  #hold(bytes: number): void {
    this.#heldBytes += bytes
    this.#parts.work.fetcher.pause(this.#heldBytes >= mostBytesHeld)
  }

  /** Bytes that were not kept, or not as they came. */
  #recycle({ outcome }: FetchedRow, { bytes }: EndedWork): void {
    if (outcome.kind !== 'fetched' || outcome.bytes === bytes) return
    this.#parts.work.fetcher.recycle(outcome.bytes)
  }

  async #store(): Promise<void> {
    const ended = this.#ended
    if (ended.length === 0) return
    this.#ended = []
    await this.#appender.add(ended.map(({ work }) => work))
    for (const { work, message } of ended) {
      const { end, bytes } = work
      this.#endedBytes -= bytes?.length ?? 0
      this.#hold(-(bytes?.length ?? 0))
      // The segment writer has its own copy, or the disk has.
      if (bytes !== undefined) this.#parts.work.fetcher.recycle(bytes)
      this.#rows += 1
      this.#again += end.again === undefined ? 0 : 1
      this.#bytes += bytes?.length ?? 0
      this.#statuses[end.status] = (this.#statuses[end.status] ?? 0) + 1
      this.#unacknowledged.push(message)
      if (end.status !== 'duplicate') this.#settling.push(end.url)
    }
    this.#startMore()
  }

  /** The commit first, then the offsets: a kill between the two costs a look, never a row. */
  async #commit(): Promise<void> {
    const [messages, lists] = [this.#unacknowledged, this.#unacknowledgedLists]
    if (this.#appender.waiting > 0) {
      await this.#appender.commit()
      this.#commits += 1
    }
    for (const url of this.#settling) this.#feed.settled(url)
    this.#settling = []
    this.#unacknowledged = []
    this.#unacknowledgedLists = []
    if (messages.length > 0) await this.#parts.consumer.commit(messages)
    if (this.#commits % commitsBetweenTrims === 0) await this.#trim()
    if (lists.length > 0) await this.#parts.lists.commit(lists)
    this.#committedAt = this.#parts.clock.now()
  }

  /** Rows that have ended stand in the catalog: the bus need not keep them. */
  async #trim(): Promise<void> {
    await this.#parts.bus.trim(rowsTopic(this.#options.repo), { consumed: true })
  }

  async #pause(): Promise<void> {
    if (this.#ended.length >= storedTogether) return
    const canTake = this.#canTake()
    // Where rows came that need no request there may be more at once; what else runs has its turn.
    if (canTake && this.#came > 0) return setImmediate()
    await this.#wakeUp.within(canTake && this.#running === 0 ? idleWaitMs : progressEveryMs / 4)
  }

  async #allStopped(): Promise<void> {
    while (this.#running > 0) await this.#wakeUp.within(50)
  }

  async #tell(atTheEnd = false): Promise<ServiceProgress> {
    const now = this.#parts.clock.now()
    const isNews = atTheEnd || this.#commits > this.#toldCommits
    const due = isNews || now - this.#toldAt >= progressEveryMs
    const progress: ServiceProgress = {
      startedAt: this.#startedAt,
      at: now,
      rows: this.#rows,
      bytes: this.#bytes,
      statuses: { ...this.#statuses },
      again: this.#again,
      onTheWay: this.#running,
      waiting: due ? await this.#lag() : 0,
      commits: this.#commits,
      hosts: due ? this.#parts.work.fetcher.hosts() : [],
    }
    if (due) {
      this.#toldAt = now
      this.#toldCommits = this.#commits
      this.#options.progress?.(progress)
    }
    return progress
  }

  async #lag(): Promise<number> {
    return this.#parts.bus.lag({ topic: rowsTopic(this.#options.repo), group: serviceGroup })
  }
}

function sizeOf({ outcome }: FetchedRow): number {
  return outcome.kind === 'fetched' ? outcome.bytes.length : 0
}
