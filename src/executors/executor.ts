/**
 * The port to whatever runs tasks. An executor starts workers, hands them tasks and brings back
 * their outcome; it knows nothing of datums, pipelines or storage. A task is a value that survives
 * being sent to another process.
 */
export interface Executor<Task, Result> {
  /** How many tasks make progress at the same time; feed at least twice as many to keep it busy. */
  readonly slots: number
  /**
   * Runs a batch and resolves when all of it ended. A task that throws is an outcome, not a
   * rejection; the promise rejects only when the executor itself cannot go on. A worker that dies
   * fails its tasks with kind `lost` and is replaced.
   */
  run(tasks: readonly Task[], signal?: AbortSignal): Promise<readonly TaskOutcome<Result>[]>
  close(): Promise<void>
}

export type TaskOutcome<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'lost'; readonly message: string }
  | { readonly kind: 'aborted' }
