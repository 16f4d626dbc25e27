import type { Digest } from '../model/index.ts'
import type { DatumInput } from '../pipelines/index.ts'
import type { Content, RepoKey } from '../repos/index.ts'
import { inlineLimit, type DatumRecord, type RecordList } from './datum-record.ts'
import type { DatumOutput } from './types.ts'

/** A record with both lists in place. */
export type FullRecord = Omit<DatumRecord, 'inputs' | 'outputs'> & {
  readonly inputs: readonly DatumInput[]
  readonly outputs: readonly DatumOutput[]
}

/** Stores long lists as items of their own, so that the records stay small. */
export async function packRecords(
  content: Content,
  repo: RepoKey,
  records: readonly FullRecord[],
): Promise<DatumRecord[]> {
  const lists: (readonly (DatumInput | DatumOutput)[])[] = []
  for (const { inputs, outputs } of records) {
    for (const list of [inputs, outputs]) if (list.length > inlineLimit) lists.push(list)
  }
  if (lists.length === 0) return [...records]
  const items = await addJson(content, repo, lists)
  const packed = <T extends DatumInput | DatumOutput>(list: readonly T[]): RecordList<T> => {
    const item = items.get(list)
    return item === undefined ? list : { item }
  }
  return records.map((record) => ({
    ...record,
    inputs: packed(record.inputs),
    outputs: packed(record.outputs),
  }))
}

async function addJson(
  content: Content,
  repo: RepoKey,
  lists: readonly (readonly unknown[])[],
): Promise<ReadonlyMap<readonly unknown[], Digest>> {
  const files = lists.map((list) => ({
    path: 'list.json',
    bytes: Buffer.from(JSON.stringify(list)),
  }))
  const edits = await content.addOutputs(repo, files)
  return new Map(
    edits.flatMap(({ file }, place) => {
      const list = lists[place]
      return file === undefined || list === undefined ? [] : [[list, file.digest] as const]
    }),
  )
}

/** Brings long lists back. */
export async function unpackRecords(
  content: Content,
  records: readonly DatumRecord[],
): Promise<FullRecord[]> {
  const wanted = records.flatMap(({ inputs, outputs }) =>
    [inputs, outputs].flatMap((list) => ('item' in list ? [list.item] : [])),
  )
  const read = wanted.length === 0 ? [] : await content.read(wanted)
  const texts = new Map(wanted.map((item, place) => [item, read[place]]))
  const full = <T>(list: RecordList<T>): readonly T[] =>
    'item' in list
      ? (JSON.parse(Buffer.from(texts.get(list.item) ?? []).toString()) as readonly T[])
      : list
  return records.map((record) => ({
    ...record,
    inputs: full(record.inputs),
    outputs: full(record.outputs),
  }))
}
