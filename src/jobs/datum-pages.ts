import type { Digest } from '../model/index.ts'
import type { Content } from '../repos/index.ts'
import { streamInBatches } from '../util/index.ts'
import { datumInfo, datumKey, decodeDatumRecord } from './datum-record.ts'
import type { StoredResult } from './job-catalog.ts'
import { unpackRecords } from './record-lists.ts'
import type { DatumInfo, JobInfo } from './types.ts'

const pageLength = 1024

/** Records of a datums tree in order of id, those whose id begins so, some at a time. */
export async function* recordPages(
  content: Content,
  tree: Digest,
  beginning = '',
): AsyncIterable<StoredResult[]> {
  const entries = content.scan(tree, datumKey(beginning))
  for await (const page of streamInBatches(entries, pageLength)) {
    yield page.map(({ key, value }) => {
      const id = key.slice(datumKey('').length) as Digest
      return { id, record: decodeDatumRecord(value) }
    })
  }
}

/** Records as users see them from one job. */
export async function datumInfos(
  content: Content,
  job: JobInfo,
  page: readonly StoredResult[],
): Promise<DatumInfo[]> {
  const full = await unpackRecords(
    content,
    page.map(({ record }) => record),
  )
  return page.flatMap(({ id }, place) => {
    const record = full[place]
    return record === undefined ? [] : [datumInfo(job, id, record)]
  })
}
