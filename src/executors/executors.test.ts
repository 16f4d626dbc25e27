import { describe, expect, test } from 'vitest'
import { type ContractResult, type ContractTask, run } from './double.fixture.ts'
import { executorContract } from './executor.contract.ts'
import { inlineExecutor } from './inline.ts'
import { threadExecutor } from './threads/thread-executor.ts'

const module = new URL('./double.fixture.ts', import.meta.url)
const openThreads = (): ReturnType<typeof threadExecutor<ContractTask, ContractResult>> =>
  threadExecutor({ module, slots: 2 })

describe('inline executor', () => executorContract(() => inlineExecutor((task) => run(task, 2))))
describe('thread executor', () => {
  executorContract(openThreads)

  test('a thread that dies loses its tasks, and the next batch finds another thread', async () => {
    const executor = openThreads()
    const [lost] = await executor.run([{ do: 'die' }])
    expect(lost).toMatchObject({ kind: 'lost' })
    const [next] = await executor.run([{ do: 'double', number: 4 }])
    expect(next).toEqual({ kind: 'done', result: { number: 8 } })
    await executor.close()
  })

  test('data reaches every task', async () => {
    const executor = threadExecutor<ContractTask, ContractResult>({ module, slots: 1, data: 5 })
    const [outcome] = await executor.run([{ do: 'double', number: 4 }])
    expect(outcome).toEqual({ kind: 'done', result: { number: 20 } })
    await executor.close()
  })
})
