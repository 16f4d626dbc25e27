import type { Content } from '../repos/index.ts'
import type { DatumRecord } from './datum-record.ts'
import type { OutputConflict } from './output-tree.ts'
import { unpackRecords } from './record-lists.ts'

/** Upstream's sentence, and what a person knows the two datums by. */
export async function conflictReason(
  content: Content,
  { kind, path, datums: [first, second] }: OutputConflict,
  records: readonly DatumRecord[],
): Promise<string> {
  const title =
    kind === 'same path'
      ? 'duplicate path output by different datums'
      : 'file / directory path collision'
  const inputs = (await unpackRecords(content, records)).map((record) =>
    record.inputs.map(({ name, path: input }) => `${name}:/${input}`).join(' '),
  )
  const known = inputs.length === 0 ? '' : ` (of ${inputs.join(' and ')})`
  return `${title}: "${path}" by ${first} and ${second}${known}`
}
