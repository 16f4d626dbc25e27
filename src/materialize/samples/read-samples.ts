import type { Store } from '../../repos/index.ts'
import type { Sample } from './sample.ts'

export interface GroupLimits {
  readonly samples: number
  /** Of payload; a larger sample is a group by itself. */
  readonly bytes: number
}

/** Runs of samples that fit in memory together. */
export function* sampleGroups(
  samples: Iterable<Sample>,
  limits: GroupLimits,
): Generator<readonly Sample[]> {
  let group: Sample[] = []
  let held = 0
  for (const sample of samples) {
    const bytes = sample.files.reduce((sum, { size }) => sum + size, 0)
    if (group.length > 0 && (group.length === limits.samples || held + bytes > limits.bytes)) {
      yield group
      group = []
      held = 0
    }
    group.push(sample)
    held += bytes
  }
  if (group.length > 0) yield group
}

/** The bytes of every file of every sample, with one read. In the order of samples and their files. */
export async function readSamples(
  content: Pick<Store['content'], 'read'>,
  samples: readonly Sample[],
): Promise<readonly (readonly Uint8Array[])[]> {
  const bytes = await content.read(
    samples.flatMap(({ files }) => files.map(({ digest }) => digest)),
  )
  let at = 0
  return samples.map(({ files }) => bytes.slice(at, (at += files.length)))
}
