import { hash } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import type { HashName } from '../ingest/index.ts'

/** Bytes in shared memory, which come without a copy. */
export interface HashTask {
  readonly name: HashName
  readonly bytes: Uint8Array
}

// What a thread of `hash-threads.ts` runs: it answers a message of bodies with their hashes.
parentPort?.on('message', (tasks: readonly HashTask[]) => {
  parentPort?.postMessage(tasks.map(({ name, bytes }) => hash(name, bytes, 'hex')))
})
