import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { subject, verb, withProject, withRaw } from '../command.ts'
import { commitReference, inProject } from '../names.ts'
import { watchRun } from '../run-view.ts'
import { commitTable } from '../views/repo.ts'
import { jobTable } from '../views/job.ts'
import { rawCommit, rawJob } from '../views/raw.ts'
import { showMany, type ViewOptions } from '../views/show.ts'

export function wait(cli: Cli): Command {
  const command = verb('wait', 'Waits for a commit or a job, running what is due meanwhile')
  withRaw(
    withProject(subject(command, 'commit <repo@commit>', 'a commit, or the id of a set')),
  ).action(async (reference: string, options: ViewOptions) => {
    const varve = await cli.open('write')
    const isSet = !reference.includes('@') && varve.isCommitId(reference)
    const target = isSet ? reference : commitReference(reference, options.project)
    await watchRun(cli, varve.waitFor({ commit: target, signal: cli.signal }))
    const commits = isSet
      ? varve.commits.set(varve.commitId(reference)).commits
      : [varve.commits.inspect(target)]
    const text = (rows: typeof commits): string => commitTable(cli, options, rows)
    await showMany(cli, options, commits, { raw: rawCommit, text })
  })
  withRaw(
    withProject(
      subject(command, 'job <pipeline@job>', 'a job, the newest of a pipeline, or the id of a set'),
    ),
  ).action(async (reference: string, options: ViewOptions) => {
    const varve = await cli.open('write')
    const isSet = varve.isCommitId(reference)
    const job = isSet ? reference : inProject(reference, options.project)
    const target = isSet ? { commit: job } : { job }
    await watchRun(cli, varve.waitFor({ ...target, signal: cli.signal }))
    const jobs = isSet ? varve.jobs.list({ id: job }) : [varve.jobs.inspect(job)]
    const text = (rows: typeof jobs): string => jobTable(cli, options, rows)
    await showMany(cli, options, jobs, { raw: (job) => rawJob(job), text })
    if (jobs.some(({ state }) => state !== 'success')) cli.exitWith(1)
  })
  return command
}
