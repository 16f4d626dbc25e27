import type { Command } from 'commander'
import type { Varve } from '../../engine/index.ts'
import { isVarveError } from '../../model/index.ts'
import type { Cli } from '../cli.ts'
import { subject, verb, withProject } from '../command.ts'
import { inProject } from '../names.ts'

export function stop(cli: Cli): Command {
  const command = verb('stop', 'Stops a job or a pipeline, or sets a transaction aside')
  withProject(
    subject(command, 'job <pipeline@job>', 'a job that has not ended: it is killed'),
  ).action(async (reference: string, options: { project?: string }) => {
    const job = inProject(reference, options.project)
    const varve = await openToStop(cli)
    const info = await varve.jobs.stop(job)
    await cli.print(info, () => '')
  })
  withProject(subject(command, 'pipeline <name>', 'a pipeline: new commits start no jobs')).action(
    async (name: string, options: { project?: string }) => {
      const varve = await cli.open('write')
      const info = await varve.pipelines.stop(inProject(name, options.project))
      await cli.print(info, () => '')
    },
  )
  subject(
    command,
    'transaction',
    'set the open transaction aside; `resume transaction` takes it up',
  ).action(async () => {
    const varve = await cli.open('write')
    await varve.settings.setTransaction(undefined)
    await cli.print({ stopped: true }, () => 'Cleared active transaction\n')
  })
  return command
}

/** The process that holds the lock is often the one that runs the job: it is asked to stop it. */
async function openToStop(cli: Cli): Promise<Varve> {
  try {
    return await cli.open('write', { wait: false })
  } catch (error) {
    if (!isVarveError(error, 'STORE_LOCKED')) throw error
    return cli.open('read')
  }
}
