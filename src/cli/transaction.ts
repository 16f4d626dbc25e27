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
  const info = await addTo(cli, varve, { id: open, request })
  await cli.print(info, () => '')
}

/** For what must be done at once: refused while a transaction is open, so that nobody takes it for a part. */
export async function refuseInTransaction(varve: Varve, what: string): Promise<void> {
  const open = await varve.settings.transaction()
  if (open === undefined) return
  throw new VarveError('NOT_SUPPORTED', {
    what: `The transaction ${open} is open, and \`${what}\` cannot join it.`,
    next: `Run \`varve finish transaction\` first, or \`varve stop transaction\` to set it aside until \`varve resume transaction ${open}\`.`,
    data: { transaction: open },
  })
}

/**
 * `start commit`: prints the id of the commit, which inside a transaction is the transaction's own,
 * so that a script can name the commit before there is one.
 */
export async function startCommit(cli: Cli, request: StartRequest): Promise<void> {
  const varve = await cli.open('write')
  const { branch, message, parent } = request
  const described = message === undefined ? {} : { message }
  const open = await varve.settings.transaction()
  if (open === undefined) {
    const options = { ...described, ...(parent === undefined ? {} : { parent }) }
    const made = await varve.commits.start(branch, options)
    return cli.print(made, () => `${made.id}\n`)
  }
  if (parent !== undefined) {
    throw new VarveError('NOT_SUPPORTED', {
      what: 'Inside a transaction a commit starts on the head of its branch.',
      next: 'Leave --parent out, or start this commit before `varve start transaction`.',
    })
  }
  await addTo(cli, varve, { id: open, request: { kind: 'commit.start', branch, ...described } })
  await cli.print({ id: open }, () => `${open}\n`)
}

interface StartRequest {
  readonly branch: string
  readonly message: string | undefined
  readonly parent: string | undefined
}

async function addTo(
  cli: Cli,
  varve: Varve,
  { id, request }: { readonly id: string; readonly request: BatchRequest },
): ReturnType<Varve['batches']['add']> {
  const info = await varve.batches.add(id, request)
  cli.note(`Added to transaction ${id}; \`varve finish transaction\` does it.`)
  return info
}

export async function currentTransaction(varve: Varve): Promise<string> {
  const open = await varve.settings.transaction()
  if (open !== undefined) return open
  throw new VarveError('USAGE', {
    what: 'No transaction is open.',
    next: 'Run `varve start transaction`, or name one of `varve list transaction`.',
  })
}

/** It is done with: commands join it no longer. Another one that is open stays so. */
export async function leaveTransaction(varve: Varve, id: string): Promise<void> {
  if ((await varve.settings.transaction()) === id) await varve.settings.setTransaction(undefined)
}
