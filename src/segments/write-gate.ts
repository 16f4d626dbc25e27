import { VarveError } from '../model/index.ts'
import { invariant, Mutex } from '../util/index.ts'
import { isSyncFailure } from '../storage/index.ts'

/**
 * Lets one change of the segments in at a time. The first failure that leaves unknown what reached
 * the disk shuts it for good: what is written after a failed sync could never be believed.
 */
export class WriteGate {
  readonly #mutex = new Mutex()
  readonly #mode: 'read' | 'write'
  #failure: unknown
  #isClosed = false

  constructor(mode: 'read' | 'write') {
    this.#mode = mode
  }

  /** Throws `IO_FAILED` once an earlier change failed to become durable. */
  check(): void {
    invariant(this.#mode === 'write', 'the store is open for reading only')
    invariant(!this.#isClosed, 'the store is closed')
    if (this.#failure === undefined) return
    throw new VarveError('IO_FAILED', {
      what: 'The store takes no more writes: making earlier ones durable failed.',
      next: 'Open the store again: it checks what reached the disk. Nothing acknowledged was lost.',
      cause: this.#failure,
    })
  }

  /** Runs a change when those before it are through. */
  async run<T>(change: () => Promise<T>): Promise<T> {
    this.check()
    return this.#mutex.run(async () => {
      this.check()
      try {
        return await change()
      } catch (error) {
        if (isSyncFailure(error)) this.#failure = error
        throw error
      }
    })
  }

  /** Runs a step of a change that must not be made again when it fails. */
  async final(step: () => Promise<void>): Promise<void> {
    try {
      await step()
    } catch (error) {
      this.#failure = error
      throw error
    }
  }

  /** Takes its turn among changes without being one: it also runs after a failure. */
  async aside(task: () => Promise<void>): Promise<void> {
    await this.#mutex.run(task)
  }

  /** Lets nobody in any more and runs `last` when everybody is out; once only. */
  async close(last: () => Promise<void>): Promise<void> {
    await this.#mutex.run(async () => {
      if (this.#isClosed) return
      this.#isClosed = true
      await last()
    })
  }
}
