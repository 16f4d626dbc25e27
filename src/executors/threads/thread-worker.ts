import { isMarkedAsUntransferable, workerData } from 'node:worker_threads'
import { move, transferableSymbol, valueSymbol } from 'piscina'
import type { TaskOutcome } from '../executor.ts'
import { runOne, type TaskFunction } from '../inline.ts'

export interface WorkerInit {
  readonly module: string
  readonly data: unknown
}

export interface WorkerMessage {
  readonly tasks: readonly unknown[]
}

/** Below this, copying a buffer into the message is quicker than handing it over. */
const WORTH_MOVING = 64 * 1024

interface TaskModule {
  run(task: unknown, data: unknown): unknown
}

const init = workerData as WorkerInit
const loading = import(init.module) as Promise<TaskModule>

/**
 * The body of a worker thread: runs one message of tasks, one after another.
 *
 * @public called by name from the pool
 */
export async function runMessage({ tasks }: WorkerMessage): Promise<unknown> {
  const module = await loading
  const work: TaskFunction<unknown, unknown> = (task) => module.run(task, init.data)
  const outcomes: TaskOutcome<unknown>[] = []
  for (const task of tasks) outcomes.push(await runOne(work, task))
  const buffers = [...ownBuffers(outcomes, new Set())]
  return move({ [transferableSymbol]: buffers, [valueSymbol]: outcomes })
}

/**
 * The buffers a result owns alone. A view on part of a buffer (Node pools small ones) is copied:
 * giving the whole buffer away would take it from others. So is memory of a native library, such as
 * an encoded image, which cannot be given away at all.
 */
function ownBuffers(found: unknown, buffers: Set<ArrayBuffer>): Set<ArrayBuffer> {
  if (ArrayBuffer.isView(found)) {
    const { buffer, byteLength } = found
    const alone = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
    const movable = alone && !isMarkedAsUntransferable(buffer)
    if (movable && byteLength >= WORTH_MOVING) buffers.add(buffer)
  } else if (found !== null && typeof found === 'object') {
    for (const part of Object.values(found)) ownBuffers(part, buffers)
  }
  return buffers
}
