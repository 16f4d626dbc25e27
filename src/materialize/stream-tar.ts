import { archiveEnd } from './formats/tar-header.ts'
import { tarStream } from './formats/tar-stream.ts'
import { SelectedSamples } from './samples/selected-samples.ts'
import { stopIfAsked } from './stop-if-asked.ts'
import type { MaterializerParts, StreamTarOptions } from './types.ts'

const chunkBytes = 1 << 20

/** See `Materializer.streamTar`. */
export async function* streamTar(
  parts: MaterializerParts,
  options: StreamTarOptions,
): AsyncGenerator<Uint8Array> {
  const selected = await SelectedSamples.open(parts, options)
  let held: Uint8Array[] = []
  let bytes = 0
  for await (const batch of selected.batches(options.seed)) {
    for await (const pieces of tarStream(parts.store.content, batch)) {
      stopIfAsked(options.signal)
      for (const piece of pieces) bytes += piece.length
      held.push(...pieces)
      if (bytes < chunkBytes) continue
      yield Buffer.concat(held)
      held = []
      bytes = 0
    }
  }
  yield Buffer.concat([...held, archiveEnd])
}
