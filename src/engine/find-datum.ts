import { VarveError } from '../model/index.ts'
import type { DatumInfo, JobInfo, Jobs } from '../jobs/index.ts'
import { showRepo } from '../repos/index.ts'
import { readsAll } from './reads-all.ts'

/** The datum of a job by its id, any beginning of it, or a path it reads. `DATUM_NOT_FOUND`. */
export async function findDatum(
  { datums }: Pick<Jobs, 'datums'>,
  job: JobInfo,
  name: string,
): Promise<DatumInfo> {
  if (/^[0-9a-f]{8,64}$/.test(name)) return datums.inspect(job, name)
  for await (const datum of datums.list(job)) if (readsAll(datum, [name])) return datum
  const shown = `${showRepo(job.pipeline)}@${job.id}`
  throw new VarveError('DATUM_NOT_FOUND', {
    what: `No datum of ${shown} reads "${name}".`,
    next: `Run \`varve list datum ${shown}\`.`,
    data: { job: `${job.pipeline}@${job.id}`, path: name },
  })
}
