import { VarveError } from '../model/index.ts'
import { readSamples, sampleGroups } from './samples/read-samples.ts'
import type { Sample } from './samples/sample.ts'
import { SelectedSamples } from './samples/selected-samples.ts'
import { stopIfAsked } from './stop-if-asked.ts'
import type { MaterializerParts, StreamedSample, StreamSamplesOptions } from './types.ts'

/** Read ahead at a time. */
const group = { samples: 256, bytes: 8 << 20 }

/**
 * See `Materializer.streamSamples`. Sample number i of the whole order goes to rank i mod worldSize,
 * so ranks share the samples out exactly and differ by one at most.
 */
export async function* streamSamples(
  parts: MaterializerParts,
  options: StreamSamplesOptions,
): AsyncGenerator<StreamedSample> {
  const { position = 0, rank = 0, worldSize = 1 } = options
  checkRank({ position, rank, worldSize })
  const fields = options.fields && new Set(options.fields)
  const selected = await SelectedSamples.open(parts, options)
  let ordinal = 0
  for await (const batch of selected.batches(options.seed)) {
    const first = ordinal
    ordinal += batch.length
    if (ordinal <= position) continue
    const mine = batch.flatMap((sample, at): Numbered[] => {
      const number = first + at
      if (number < position || number % worldSize !== rank) return []
      return [{ ...only(sample, fields), position: number + 1 }]
    })
    for (const some of sampleGroups(mine, group)) {
      stopIfAsked(options.signal)
      const bytes = await readSamples(parts.store.content, some)
      yield* some.map((sample, at) => streamed(sample as Numbered, bytes[at] ?? []))
    }
  }
}

interface Numbered extends Sample {
  readonly position: number
}

function only(sample: Sample, fields: ReadonlySet<string> | undefined): Sample {
  if (fields === undefined) return sample
  return { ...sample, files: sample.files.filter(({ extension }) => fields.has(extension)) }
}

function streamed(
  { key, files, position }: Numbered,
  bytes: readonly Uint8Array[],
): StreamedSample {
  const fields = files.map(({ extension }, at) => [extension, bytes[at] ?? new Uint8Array()])
  return { key, fields: Object.fromEntries(fields), position }
}

function checkRank(numbers: { position: number; rank: number; worldSize: number }): void {
  const { position, rank, worldSize } = numbers
  const whole = Object.values(numbers).every(
    (number) => Number.isSafeInteger(number) && number >= 0,
  )
  if (whole && worldSize >= 1 && rank < worldSize) return
  throw new VarveError('USAGE', {
    what: `Position ${position}, rank ${rank} of ${worldSize} is not a place in a stream.`,
    next: 'Give whole numbers: position >= 0, worldSize >= 1 and 0 <= rank < worldSize.',
    data: numbers,
  })
}
