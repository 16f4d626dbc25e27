import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServiceProgress } from '../ingest/index.ts'
import { fileNameOf } from '../model/index.ts'
import type { RepoKey } from '../repos/index.ts'
import type { ProjectFolder } from './project-folder.ts'

/** A service that runs now, as it was about a second ago. */
export type RunningService = ServiceProgress & { readonly pid: number }

/** What the service of a repo tells others while it runs: a small file, written about once a second. */
export class ServiceNote {
  readonly #file: string

  constructor({ store }: ProjectFolder, repo: RepoKey) {
    this.#file = join(store, `service-${fileNameOf(repo)}.json`)
  }

  write(progress: ServiceProgress): void {
    const service: RunningService = { ...progress, pid: process.pid }
    try {
      writeFileSync(this.#file, JSON.stringify(service))
    } catch {
      // A full disk stops the service where it matters: at its next commit.
    }
  }

  remove(): void {
    try {
      rmSync(this.#file, { force: true })
    } catch {
      // It must not hide why the service ended; a note of a process that is gone counts for nothing.
    }
  }

  read(): RunningService | undefined {
    try {
      const service = JSON.parse(readFileSync(this.#file, 'utf8')) as RunningService
      process.kill(service.pid, 0)
      return service
    } catch {
      // None, half written, or of a process that is gone.
      return undefined
    }
  }
}
