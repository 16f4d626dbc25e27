import { availableParallelism } from 'node:os'
import type { Executor, TaskOutcome } from '../executors/index.ts'
import { checkImageOptions, type ImageOptions } from '../ingest/image/index.ts'
import type { MediaProcessor } from '../ingest/index.ts'
import { programModule, unreachable } from '../util/index.ts'
import type { ImageAnswer, ImageTask } from './image-task.ts'

/** With fewer cores the libraries' own threads fill them. */
const coresWorthThreads = 4

/** How many threads make images, beside the one that fetches and stores; 0: it does so itself. */
export function imageThreads(cores = availableParallelism()): number {
  return cores < coresWorthThreads ? 0 : cores - 1
}

/** Makes images in so many threads. */
export async function openImageThreads(
  options: Partial<ImageOptions>,
  slots: number,
): Promise<MediaProcessor> {
  const { threadExecutor } = await import('../executors/index.ts')
  const executor: Executor<ImageTask, ImageAnswer> = threadExecutor({
    module: programModule('engine/image-task'),
    data: checkImageOptions(options),
    slots,
  })
  return {
    process: async (bytes, { regions }) => {
      const task = { bytes, ...(regions === undefined ? {} : { regions }) }
      const answer = await answerTo(executor, task)
      return answer.kind === 'image' && answer.asItCame ? { ...answer, bytes } : answer
    },
    close: () => executor.close(),
  }
}

/** A thread takes all it has in hand with it when it dies: the others deserve a second try. */
async function answerTo(
  executor: Executor<ImageTask, ImageAnswer>,
  task: ImageTask,
): Promise<ImageAnswer> {
  const first = await runOne(executor, task)
  return answerOf(first.kind === 'lost' ? await runOne(executor, task) : first)
}

async function runOne(
  executor: Executor<ImageTask, ImageAnswer>,
  task: ImageTask,
): Promise<TaskOutcome<ImageAnswer>> {
  const [outcome] = await executor.run([task])
  return outcome ?? { kind: 'aborted' }
}

function answerOf(outcome: TaskOutcome<ImageAnswer>): ImageAnswer {
  switch (outcome.kind) {
    case 'done':
      return outcome.result
    case 'lost':
      return { kind: 'failed', error: outcome.message }
    case 'failed':
      throw new Error(outcome.message)
    case 'aborted':
      throw new Error('the image threads were closed')
    default:
      return unreachable(outcome)
  }
}
