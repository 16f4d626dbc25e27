import type { JobInfo, Varve } from '../engine/index.ts'

export interface ZombieReport {
  readonly commits: number
  readonly files: number
  /** Files no datum of the job wrote, as `repo@commit:/path`. */
  readonly zombies: readonly string[]
}

/** Looks for files of output commits that none of their datums wrote: leftovers of old inputs. */
export async function findZombies(varve: Varve, jobs: readonly JobInfo[]): Promise<ZombieReport> {
  const zombies: string[] = []
  let files = 0
  for (const { pipeline, id } of jobs) {
    const commit = `${pipeline}@${id}`
    const written = await pathsWritten(varve, commit)
    for await (const { path } of varve.files.walk(commit, '/')) {
      files++
      if (!written.has(path)) zombies.push(`${commit}:/${path}`)
    }
  }
  return { commits: jobs.length, files, zombies }
}

async function pathsWritten(varve: Varve, job: string): Promise<ReadonlySet<string>> {
  const paths = new Set<string>()
  for await (const { outputs } of varve.datums.list({ job })) {
    for (const { path } of outputs) paths.add(path)
  }
  return paths
}

/** The last good job of every pipeline. */
export function lastGoodJobs(varve: Varve): readonly JobInfo[] {
  return varve.pipelines
    .list()
    .flatMap(({ key }) => varve.jobs.list({ pipeline: key, state: 'success', limit: 1 }))
}
