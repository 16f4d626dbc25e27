import type { Command } from 'commander'
import { VarveError } from '../../model/index.ts'
import type { Cli } from '../cli.ts'
import { verb, withProject } from '../command.ts'
import { shortId } from '../format.ts'
import { commitReference } from '../names.ts'
import { refuseInTransaction } from '../transaction.ts'

interface MergeFlags {
  readonly into?: string
  readonly ours?: boolean
  readonly theirs?: boolean
  readonly message?: string
  readonly project?: string
}

export function merge(cli: Cli): Command {
  return withProject(verb('merge', 'Merges a commit into a branch of the same repo'))
    .argument('<from>', 'REPO@BRANCH or REPO@COMMIT to merge')
    .option('--into <branch>', 'the branch that takes it', 'master')
    .option('--ours', 'where both changed a path, keep the branch')
    .option('--theirs', 'where both changed a path, take the other side')
    .option('-m, --message <text>', 'what the commit is for')
    .action(async (from: string, flags: MergeFlags) => mergeBranch(cli, from, flags))
}

async function mergeBranch(cli: Cli, reference: string, flags: MergeFlags): Promise<void> {
  if (flags.ours === true && flags.theirs === true) {
    throw new VarveError('USAGE', { what: 'Both --ours and --theirs are given: choose one.' })
  }
  const from = commitReference(reference, flags.project)
  const branch = flags.into ?? 'master'
  const into = branch.includes('@')
    ? commitReference(branch, flags.project)
    : `${from.slice(0, from.indexOf('@'))}@${branch}`
  const prefer = flags.ours === true ? 'ours' : flags.theirs === true ? 'theirs' : undefined
  const varve = await cli.open('write')
  await refuseInTransaction(varve, 'merge')
  const outcome = await varve.files.merge(into, from, {
    ...(prefer === undefined ? {} : { prefer }),
    ...(flags.message === undefined ? {} : { message: flags.message }),
  })
  if (outcome.kind === 'conflict') throw mergeConflict(into, from, outcome.conflicts)
  await cli.print(outcome, () =>
    outcome.kind === 'merged'
      ? `Merged ${from} into ${into}: commit ${shortId(outcome.commit.id)}.\n`
      : `${into} has all of ${from} already.\n`,
  )
}

function mergeConflict(
  into: string,
  from: string,
  conflicts: readonly { readonly path: string }[],
): VarveError {
  const count = conflicts.length
  return new VarveError('MERGE_CONFLICT', {
    what: `${into} and ${from} both changed ${count} path${count === 1 ? '' : 's'}; nothing was merged.`,
    data: { conflicts, faults: conflicts.map(({ path }) => ({ message: `/${path}` })) },
  })
}
