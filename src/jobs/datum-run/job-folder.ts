import { join } from 'node:path'
import { digestOf } from '../../model/index.ts'
import type { CommandTransform } from '../../pipelines/index.ts'
import type { ExtraMount } from '../../sandbox/index.ts'
import type { JobInfo } from '../types.ts'
import { freshFolderSync, removeFolderSync, writeSecretSync } from './scratch-files.ts'
import { secretFiles, type CommandFacts } from './command-task.ts'

interface FolderOf {
  readonly job: JobInfo
  readonly machine: { readonly scratch: string; readonly commands: CommandFacts }
  readonly transform: CommandTransform
}

/** Where the commands of one job work; removed when it ends, and swept of what a crash left. */
export class JobFolder {
  readonly path: string
  /** Secrets that are files, readable by this user alone. */
  readonly mounts: readonly ExtraMount[]

  constructor({ job, machine, transform }: FolderOf) {
    // Names of pipelines may be longer than those of files.
    this.path = join(machine.scratch, `job-${job.id}-${digestOf(job.pipeline)}`)
    freshFolderSync(this.path)
    this.mounts = secretFiles(transform, machine.commands).map(({ path, value }, place) => {
      const hostPath = join(this.path, `secret-${place}`)
      writeSecretSync(hostPath, value)
      return { hostPath, path }
    })
  }

  remove(): void {
    removeFolderSync(this.path)
  }
}
