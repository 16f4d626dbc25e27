import type { Materializer, MaterializerParts } from './types.ts'

/** Opens what turns commits into files and streams; holds nothing open between calls. */
export function openMaterializer(parts: MaterializerParts): Materializer {
  return {
    materialize: async (options) =>
      (await import('./shards/write-shards.ts')).writeShards(parts, options),
    materializeRows: async (options) =>
      (await import('./img2dataset/write-rows.ts')).writeRows(parts, options),
    async *streamTar(options) {
      yield* (await import('./stream-tar.ts')).streamTar(parts, options)
    },
    async *streamSamples(options) {
      yield* (await import('./stream-samples.ts')).streamSamples(parts, options)
    },
  }
}
