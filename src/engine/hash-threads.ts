import { hash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { BodyHasher } from '../ingest/index.ts'
import { programModule } from '../util/index.ts'
import type { HashTask } from './hash-task.ts'

/** A thread takes a tenth of a second to start: fewer bytes than this are hashed sooner. */
const worthThread = 16 * 1024 * 1024
/** Bodies that are fetched within this time make one message. */
const gatherMs = 5
const mostThreads = 4

interface WaitingTask extends HashTask {
  readonly done: (hashed: string) => void
}

/**
 * Hashes bodies in threads of their own, which start when there is enough for them to do. Plain
 * worker threads: the pool that images are made in (see `image-threads.ts`) takes longer to hand over
 * a body than to hash it.
 */
export class HashThreads implements BodyHasher {
  readonly #threads: readonly HashThread[]
  #waiting: WaitingTask[] = []
  #seen = 0
  #turn = 0
  #closed = false

  constructor(cores = availableParallelism()) {
    const slots = Math.min(mostThreads, Math.ceil(cores / 4))
    this.#threads = Array.from({ length: slots }, () => new HashThread())
  }

  async hash(name: HashTask['name'], bytes: Uint8Array): Promise<string> {
    this.#seen += bytes.length
    if (this.#seen < worthThread || this.#closed) return hash(name, bytes, 'hex')
    return new Promise((done) => {
      this.#waiting.push({ name, bytes, done })
      if (this.#waiting.length === 1) setTimeout(() => this.#send(), gatherMs)
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#threads.map((thread) => thread.close()))
  }

  #send(): void {
    const tasks = this.#waiting
    this.#waiting = []
    if (this.#closed) return hashHere(tasks)
    this.#turn = (this.#turn + 1) % this.#threads.length
    this.#threads[this.#turn]?.run(tasks)
  }
}

/** One thread, started with its first tasks. What it does not answer is hashed here. */
class HashThread {
  #worker: Worker | undefined
  #sent: (readonly WaitingTask[])[] = []

  run(tasks: readonly WaitingTask[]): void {
    this.#worker ??= this.#start()
    this.#sent.push(tasks)
    this.#worker.postMessage(tasks.map(({ name, bytes }) => ({ name, bytes })))
  }

  async close(): Promise<void> {
    await this.#worker?.terminate()
  }

  #start(): Worker {
    const worker = new Worker(programModule('engine/hash-task'))
    worker.on('message', (hashes: readonly string[]) => {
      for (const [at, { done }] of (this.#sent.shift() ?? []).entries()) done(hashes[at] ?? '')
    })
    // Without somebody who listens, a fault of the thread would end the process; `exit` follows it.
    worker.on('error', () => undefined)
    worker.on('exit', () => {
      this.#worker = undefined
      for (const tasks of this.#sent.splice(0)) hashHere(tasks)
    })
    return worker
  }
}

function hashHere(tasks: readonly WaitingTask[]): void {
  for (const { name, bytes, done } of tasks) done(hash(name, bytes, 'hex'))
}
