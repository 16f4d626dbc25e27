import type { EventBus } from '../events/index.ts'
import type { Explanation, Jobs, RunEvent } from '../jobs/index.ts'
import type { Materializer } from '../materialize/index.ts'
import type { Store } from '../repos/index.ts'
import type { ObjectStore } from '../storage/index.ts'
import type { Clock, Random } from '../util/index.ts'
import type { IngestNouns } from './ingest.ts'
import type { DatumNouns, JobNouns } from './job-nouns.ts'
import type { PipelineNouns } from './pipeline-nouns.ts'
import type { ProjectFolder } from './project-folder.ts'
import type { Secrets } from './secrets.ts'
import type { Settings } from './settings.ts'
import type { DueRequest, OpenMode, RunRequest, WaitRequest } from './values.ts'

/** Everything `openVarve` has put together: what the facade is a face of. */
export interface Machinery {
  readonly mode: OpenMode
  readonly folder: ProjectFolder
  readonly clock: Clock
  readonly random: Random
  readonly objects: ObjectStore
  readonly store: Store
  /** Opened by its first use. */
  readonly bus: EventBus
  readonly pipelines: PipelineNouns
  readonly jobs: JobNouns
  readonly datums: DatumNouns
  ingest(): Promise<IngestNouns>
  materializer(): Promise<Materializer>
  readonly secrets: Secrets
  readonly settings: Settings
  run(request: RunRequest): AsyncIterable<RunEvent>
  waitFor(request: WaitRequest): AsyncIterable<RunEvent>
  untilDue(request: DueRequest): Promise<void>
  readonly trimCache: Jobs['trimCache']
  why(thing: string, datum: string | undefined): Promise<Explanation>
  close(): Promise<void>
}
