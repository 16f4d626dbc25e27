import { VarveError } from '../model/index.ts'
import type { CatalogDb, RepoKey } from '../repos/index.ts'
import type { PipelineDoc } from './ops.ts'
import type { JobInfo, PipelineInfo, PipelineRef } from './types.ts'

/** `pipeline` means the project `default`. The key is that of the pipeline's output repo. */
export function pipelineKey(ref: PipelineRef): RepoKey {
  return (ref.includes('/') ? ref : `default/${ref}`) as RepoKey
}

export function findPipeline(db: CatalogDb, key: RepoKey): PipelineInfo | undefined {
  const row = db.get('SELECT doc FROM pipeline WHERE key = ?', key)
  return row === undefined ? undefined : withLastJob(db, docOf(row))
}

/** Throws `PIPELINE_NOT_FOUND`. */
export function inspectPipeline(db: CatalogDb, ref: PipelineRef): PipelineInfo {
  const pipeline = findPipeline(db, pipelineKey(ref))
  if (pipeline === undefined) {
    throw new VarveError('PIPELINE_NOT_FOUND', {
      what: `There is no pipeline "${ref}".`,
      data: { pipeline: ref },
    })
  }
  return pipeline
}

/** In order of key. */
export function listPipelines(db: CatalogDb): PipelineInfo[] {
  return db.all('SELECT doc FROM pipeline ORDER BY key').map((row) => withLastJob(db, docOf(row)))
}

/** Every version as it was created, newest first. */
export function pipelineHistory(db: CatalogDb, ref: PipelineRef): PipelineInfo[] {
  const { key } = inspectPipeline(db, ref)
  const sql = 'SELECT doc FROM pipeline_version WHERE key = ? ORDER BY version DESC'
  return db.all(sql, key).map((row) => withLastJob(db, docOf(row)))
}

/** The spec a job ran with. */
export function pipelineVersion(
  db: CatalogDb,
  key: RepoKey,
  version: number,
): PipelineDoc | undefined {
  const sql = 'SELECT doc FROM pipeline_version WHERE key = ? AND version = ?'
  const row = db.get(sql, key, version)
  return row === undefined ? undefined : docOf(row)
}

function docOf(row: Readonly<Record<string, unknown>>): PipelineDoc {
  return JSON.parse(String(row['doc'])) as PipelineDoc
}

function withLastJob(db: CatalogDb, doc: PipelineDoc): PipelineInfo {
  const sql = 'SELECT doc FROM job WHERE pipeline = ? ORDER BY sequence DESC LIMIT 1'
  const row = db.get(sql, doc.key)
  const job = row === undefined ? undefined : (JSON.parse(String(row['doc'])) as JobInfo)
  return { ...doc, lastJob: job?.state }
}
