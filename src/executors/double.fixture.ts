import { markAsUntransferable } from 'node:worker_threads'

/** A task module for the contract: doubles numbers, echoes bytes, fails, dies or waits on demand. */
export async function run(task: ContractTask, factor: unknown): Promise<ContractResult> {
  switch (task.do) {
    case 'double':
      return { number: task.number * (typeof factor === 'number' ? factor : 2) }
    case 'bytes':
      return { bytes: task.bytes.map((byte) => byte ^ 0xff) }
    case 'foreign bytes':
      return { bytes: foreignBytes(task.length) }
    case 'fail':
      throw new Error('asked to fail')
    case 'wait':
      await new Promise((resolve) => setTimeout(resolve, task.ms))
      return { number: task.ms }
    case 'die':
      process.exit(3)
      throw new Error('a process that has exited goes on')
    default:
      throw new Error('no such thing to do')
  }
}

/** Like what a native library gives: memory of its own, that must not be handed to another thread. */
function foreignBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length).fill(7)
  markAsUntransferable(bytes.buffer)
  return bytes
}

export type ContractTask =
  | { readonly do: 'double'; readonly number: number }
  | { readonly do: 'bytes'; readonly bytes: Uint8Array }
  | { readonly do: 'foreign bytes'; readonly length: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'fail' | 'die' }

export interface ContractResult {
  readonly number?: number
  readonly bytes?: Uint8Array
}
