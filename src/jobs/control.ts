import type { EventBus, Fact, Follower } from '../events/index.ts'
import type { CommitId } from '../model/index.ts'
import type { RepoKey } from '../repos/index.ts'
import { pause } from './datum-run/backoff.ts'

/** Requests from other processes to the one that runs jobs. */
export const controlTopic = 'control'
const everyMs = 300
const keptMs = 24 * 3600 * 1000

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

/**
 * From here on stop requests count: call it before a job starts, so that none made while it runs is
 * missed. Requests of the time before are nobody's any more.
 */
export async function openControl(bus: EventBus): Promise<Follower> {
  await bus.trim(controlTopic, { olderThanMs: keptMs })
  return bus.follow(controlTopic)
}

/**
 * Hands on stop requests until the signal; one reader, in the process that runs the jobs. What is
 * no request this version knows is passed over.
 */
export async function watchControl(
  control: Follower,
  onStop: (job: StopRequest) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    for (const { fact } of await control.poll(100)) {
      const { pipeline, id } = fact.data
      if (fact.type !== 'job.stop-requested') continue
      if (typeof pipeline !== 'string' || typeof id !== 'string') continue
      await onStop({ pipeline: pipeline as RepoKey, id: id as CommitId })
    }
    await pause(everyMs, signal)
  }
}
