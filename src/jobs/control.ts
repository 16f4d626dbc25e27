import type { EventBus, Fact } from '../events/index.ts'
import type { CommitId } from '../model/index.ts'
import type { RepoKey } from '../repos/index.ts'
import { pause } from './datum-run/backoff.ts'

/** Requests from other processes to the one that runs jobs. */
export const controlTopic = 'control'
const everyMs = 300

export interface StopRequest {
  readonly pipeline: RepoKey
  readonly id: CommitId
}

/** Asks whoever runs jobs of this store to kill one. Nobody may be listening: it is a hint. */
export async function requestStop(
  bus: EventBus,
  makeFact: (details: { type: string; subject: string; data: Record<string, unknown> }) => Fact,
  job: StopRequest,
): Promise<void> {
  const subject = `${job.pipeline}@${job.id}`
  const fact = makeFact({ type: 'job.stop-requested', subject, data: { ...job } })
  await bus.publish(controlTopic, [{ key: subject, fact }])
}

const runner = { topic: controlTopic, group: 'runner' }

/**
 * From here on stop requests count: call it before a job starts, so that none made while it runs is
 * missed. Requests of the time before are nobody's any more.
 */
export async function openControl(bus: EventBus): Promise<void> {
  await bus.seekToEnd(runner)
}

/** Hands on stop requests until the signal; one reader, in the process that runs the jobs. */
export async function watchControl(
  bus: EventBus,
  onStop: (job: StopRequest) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    for (const message of await bus.read(runner, 100)) {
      const { type, data } = message.fact
      const { pipeline, id } = data
      if (type === 'job.stop-requested' && typeof pipeline === 'string' && typeof id === 'string') {
        await onStop({ pipeline: pipeline as RepoKey, id: id as CommitId })
      } else await bus.bury(runner, message, 'not a request this version knows')
      await bus.acknowledge(runner, message.offset)
    }
    await pause(everyMs, signal)
  }
}
