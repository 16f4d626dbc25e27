import { VarveError, type Digest } from '../model/index.ts'
import { unreachable } from '../util/index.ts'
import { showRepo, type Store } from '../repos/index.ts'
import { ownerKey } from './datum-record.ts'
import type { Datums } from './datums.ts'
import { findJob, inspectJob } from './job-catalog.ts'
import { pipelineVersion } from './pipeline-catalog.ts'
import type { DatumInfo, Explanation, JobInfo, JobRef, RunReason } from './types.ts'

/** Answers "why is it so", from what the commits themselves hold. */
export interface Explain {
  datum(job: JobRef, id: string): Promise<Explanation>
  /** `repo@branch-or-id:path` of an output: the datum, inputs and code that made it. */
  file(commit: string, path: string): Promise<Explanation>
  job(job: JobRef): Promise<Explanation>
}

export function openExplain(store: Store, datums: Datums): Explain {
  return {
    datum: async (ref, id) => explainDatum(store, await datums.inspect(ref, id)),
    file: (commit, path) => explainFile(store, datums, { commit, path }),
    job: async (ref) => explainJob(store, inspectJob(store.db, ref)),
  }
}

const shortId = (id: string): string => id.slice(0, 12)

/** Why a datum ran, as the end of "it ran because ...". */
export function reasonText(reason: RunReason): string {
  switch (reason.kind) {
    case 'new':
      return 'it is new: no earlier job had this datum'
    case 'no base':
      return 'there was no earlier successful job to keep results from'
    case 'every job':
      return 'the spec says reprocess_spec: every_job'
    case 'code changed':
      return reason.fields.length === 0
        ? 'the code changed'
        : `the code changed: ${reason.fields.join(', ')}`
    case 'input changed': {
      if (reason.inputs.length === 0) return 'its input changed'
      const names = reason.inputs.map(({ name, path }) => `/${name}/${path}`)
      return `its input changed: ${names.join(', ')}`
    }
    case 'not done':
      return `it had ${reason.state} before and is tried again in every job`
    default:
      return unreachable(reason)
  }
}

function explainDatum(store: Store, datum: DatumInfo): Explanation {
  const paths = datum.inputs.map(({ name, path }) => `/${name}/${path}`)
  const what = `Datum ${shortId(datum.id)} (${paths.slice(0, 4).join(', ')})`
  const ran = reasonText(datum.reason)
  const summary = `${what} ${fateOf(datum, ran)}.`
  const first =
    datum.state === 'skipped' ? [`It ran in job ${shortId(datum.ranIn)}, because ${ran}.`] : []
  const facts = [...first, ...inputFacts(datum), ...resultFacts(datum), ...codeFacts(store, datum)]
  return { summary, facts, data: { ...datum } }
}

function fateOf({ state, cached, job, ranIn }: DatumInfo, ran: string): string {
  if (state === 'starting') return `is going to run in job ${shortId(job)}, because ${ran}`
  if (state === 'skipped') {
    return `was skipped in job ${shortId(job)}: inputs and code are as in job ${shortId(ranIn)}, whose result was kept`
  }
  return cached
    ? `was taken from the cache, because ${ran}, and an equal datum had been run with the same code`
    : `ran in job ${shortId(ranIn)}, because ${ran}`
}

function inputFacts({ inputs }: DatumInfo): string[] {
  return inputs.map(({ name, repo, branch, path, digest }) => {
    return `input ${name}: ${repo}@${branch}:/${path} (${shortId(digest)})`
  })
}

function resultFacts(datum: DatumInfo): string[] {
  const facts = datum.outputs.map(({ path, digest }) => `output /${path} (${shortId(digest)})`)
  if (datum.message !== undefined) facts.push(`${datum.state}: ${datum.message}`)
  if (datum.state === 'starting') return facts
  facts.push(`took ${datum.wallMs} ms in ${datum.tries} ${datum.tries === 1 ? 'try' : 'tries'}`)
  return facts
}

function codeFacts(store: Store, datum: DatumInfo): string[] {
  const job = findJob(store.db, datum.pipeline, datum.ranIn)
  const doc = job === undefined ? undefined : pipelineVersion(store.db, datum.pipeline, job.version)
  if (doc === undefined) return []
  const { transform } = doc.spec
  const code =
    transform.kind === 'command'
      ? (transform.cmd ?? []).join(' ')
      : transform.kind === 'operator'
        ? `operator ${transform.operator} ${JSON.stringify(transform.params)}`
        : `operators ${transform.process.map(({ operator }) => operator).join(', ')}`
  return [`code: ${code} (version ${doc.version}, fingerprint ${shortId(datum.fingerprint)})`]
}

async function explainFile(
  store: Store,
  datums: Datums,
  at: { readonly commit: string; readonly path: string },
): Promise<Explanation> {
  const path = at.path.replace(/^\/+/, '')
  const file = await store.files.inspect(at.commit, path)
  const named = store.commits.inspect(at.commit)
  const commit = named.state === 'finished' ? named : (store.commits.lastGood(named) ?? named)
  const name = `${showRepo(commit.repo)}@${shortId(commit.id)}:/${path}`
  if (commit.datums === undefined) {
    const summary = `${name} was put there by a user, not computed.`
    return { summary, facts: [`commit message: ${commit.message || '(none)'}`], data: { ...file } }
  }
  const [entry] = await store.content.entries(commit.datums, [ownerKey(path)])
  if (entry === undefined) {
    throw new VarveError('DATUM_NOT_FOUND', {
      what: `${name} is a directory, or no datum of the job wrote it.`,
      next: 'Name a file.',
      data: { path },
    })
  }
  const id = Buffer.from(entry.value).toString('hex') as Digest
  if (findJob(store.db, commit.repo, commit.id) === undefined) {
    const summary = `${name} was written by datum ${shortId(id)} of a job that was deleted.`
    return { summary, facts: [], data: { path, commit: commit.id, datum: { id } } }
  }
  const datum = await datums.inspect({ pipeline: commit.repo, id: commit.id }, id)
  const about = explainDatum(store, datum)
  return {
    summary: `${name} was written by datum ${shortId(id)} in job ${shortId(datum.ranIn)}.`,
    facts: [about.summary, ...about.facts],
    data: { path, commit: commit.id, datum: about.data },
  }
}

/** How a job ended; the states of one that has not say it themselves. */
const stateWords: Partial<Record<JobInfo['state'], string>> = {
  success: 'succeeded',
  failure: 'failed',
  killed: 'was stopped',
  unrunnable: 'could not run',
}

function explainJob(store: Store, job: JobInfo): Explanation {
  const { counters, base, reason } = job
  const cause = causesOf(store, job)
  const changed = cause.length === 0 ? 'the pipeline itself changed' : `${cause.join(', ')} changed`
  const facts = [
    ...job.inputs.map(({ input, repo, branch, id }) => {
      return `input ${input}: ${showRepo(repo)}@${branch}=${shortId(id)}`
    }),
    base === undefined
      ? 'base: none, so no result could be kept'
      : `base: job ${shortId(base)}, whose unchanged datums were skipped`,
    `datums: ${counters.processed} processed (${counters.cached} from the cache), ${counters.skipped} skipped, ${counters.failed} failed, ${counters.recovered} recovered of ${counters.total}`,
    ...(reason === undefined ? [] : [reason.replaceAll(/\b[0-9a-f]{64}\b/g, shortId)]),
  ]
  const name = `${showRepo(job.pipeline)}@${shortId(job.id)}`
  return {
    summary: `Job ${name} exists because ${changed}; it ${stateWords[job.state] ?? `is ${job.state}`}.`,
    facts,
    data: { ...job },
  }
}

/** Inputs whose commit belongs to the job's own set: what set this job off. */
function causesOf(store: Store, job: JobInfo): string[] {
  return job.inputs
    .filter(({ repo, id }) => id === job.id && store.commits.find({ repo, id }) !== undefined)
    .map(({ repo, branch }) => `${showRepo(repo)}@${branch}`)
}
