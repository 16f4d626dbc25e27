import type { BatchRequest, Varve } from '../engine/index.ts'
import { VarveError } from '../model/index.ts'
import type { Cli } from './cli.ts'

/**
 * While a transaction is open (`start transaction`), a command only adds its request to it; without
 * one it does its work at once.
 */
export async function inTransaction(
  cli: Cli,
  request: BatchRequest,
  work: (varve: Varve) => Promise<unknown>,
): Promise<void> {
  const varve = await cli.open('write')
  const open = await varve.settings.transaction()
  if (open === undefined) {
    const made = await work(varve)
    await cli.print(made ?? { done: request.kind }, () => '')
    return
  }
  const info = await varve.batches.add(open, request)
  cli.note(`Added to transaction ${open}; \`varve finish transaction\` does it.`)
  await cli.print(info, () => '')
}

export async function currentTransaction(varve: Varve): Promise<string> {
  const open = await varve.settings.transaction()
  if (open !== undefined) return open
  throw new VarveError('USAGE', {
    what: 'No transaction is open.',
    next: 'Run `varve start transaction`, or name one of `varve list transaction`.',
  })
}
