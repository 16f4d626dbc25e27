import { expect, test } from 'vitest'
import type { ContractResult, ContractTask } from './double.fixture.ts'
import type { Executor } from './executor.ts'

/** What every executor promises, whatever runs its tasks. */
export function executorContract(open: () => Executor<ContractTask, ContractResult>): void {
  const using = async (
    body: (executor: Executor<ContractTask, ContractResult>) => Promise<void>,
  ): Promise<void> => {
    const executor = open()
    try {
      await body(executor)
    } finally {
      await executor.close()
    }
  }

  test('outcomes come in the order of the tasks, however many there are', () =>
    using(async (executor) => {
      const tasks = Array.from({ length: 1000 }, (_, number) => ({ do: 'double', number }) as const)
      const outcomes = await executor.run(tasks)
      expect(outcomes).toEqual(
        tasks.map(({ number }) => ({ kind: 'done', result: { number: number * 2 } })),
      )
    }))

  test('no tasks give no outcomes', () =>
    using(async (executor) => expect(await executor.run([])).toEqual([])))

  test('a task that throws fails alone', () =>
    using(async (executor) => {
      const outcomes = await executor.run([
        { do: 'double', number: 1 },
        { do: 'fail' },
        { do: 'double', number: 3 },
      ])
      expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'failed', 'done'])
      expect(outcomes[1]).toEqual({ kind: 'failed', message: 'asked to fail' })
    }))

  test('bytes go in and come back', () =>
    using(async (executor) => {
      const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => at % 251)
      const [outcome] = await executor.run([{ do: 'bytes', bytes }])
      const result = outcome?.kind === 'done' ? outcome.result.bytes : undefined
      expect(result).toEqual(bytes.map((byte) => byte ^ 0xff))
    }))

  test('bytes in memory of a native library come back too', () =>
    using(async (executor) => {
      const [outcome] = await executor.run([{ do: 'foreign bytes', length: 100_000 }])
      expect(outcome).toEqual({ kind: 'done', result: { bytes: new Uint8Array(100_000).fill(7) } })
    }))

  test('nothing starts when the signal is already aborted', () =>
    using(async (executor) => {
      const outcomes = await executor.run([{ do: 'double', number: 1 }], AbortSignal.abort())
      expect(outcomes).toEqual([{ kind: 'aborted' }])
    }))

  test('an abort in the middle says aborted for what did not end', () =>
    using(async (executor) => {
      const abort = new AbortController()
      const tasks = Array.from({ length: 50 }, () => ({ do: 'wait', ms: 50 }) as const)
      const running = executor.run(tasks, abort.signal)
      setTimeout(() => abort.abort(), 120)
      const outcomes = await running
      expect(outcomes).toHaveLength(50)
      expect(outcomes.at(-1)).toEqual({ kind: 'aborted' })
    }))
}
