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
  readonly #secrets: readonly (ExtraMount & { readonly value: string })[]

  /** Touches no disk: what cannot be put together is to leave nothing there. */
  constructor({ job, machine, transform }: FolderOf) {
    // Names of pipelines may be longer than those of files.
    this.path = join(machine.scratch, `job-${job.id}-${digestOf(job.pipeline)}`)
    this.#secrets = secretFiles(transform, machine.commands).map((file, place) => {
      return { ...file, hostPath: join(this.path, `secret-${place}`) }
    })
    this.mounts = this.#secrets.map(({ path, hostPath }) => ({ path, hostPath }))
  }

  make(): void {
    try {
      freshFolderSync(this.path)
      for (const { hostPath, value } of this.#secrets) writeSecretSync(hostPath, value)
    } catch (error) {
      this.remove()
      throw error
    }
  }

  remove(): void {
    removeFolderSync(this.path)
  }
}
