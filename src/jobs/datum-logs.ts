import type { Digest } from '../model/index.ts'
import type { Content, RepoKey } from '../repos/index.ts'
import type { DatumEnd } from './datum-run/datum-runner.ts'

/** Stores what datums printed as items; undefined where one printed nothing. Answers in order. */
export async function storeLogs(
  content: Content,
  repo: RepoKey,
  ended: readonly { readonly end: DatumEnd }[],
): Promise<(Digest | undefined)[]> {
  const texts = ended.flatMap(({ end }) => (hasLog(end) ? [end.log] : []))
  if (texts.length === 0) return ended.map(() => undefined)
  const edits = await content.addOutputs(
    repo,
    texts.map((text) => ({ path: 'datum.log', bytes: Buffer.from(text) })),
  )
  let next = 0
  return ended.map(({ end }) => (hasLog(end) ? edits[next++]?.file?.digest : undefined))
}

function hasLog(end: DatumEnd): end is DatumEnd & { readonly log: string } {
  return end.log !== undefined && end.log !== ''
}
