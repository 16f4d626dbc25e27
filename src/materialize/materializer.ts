import type { Materializer, MaterializerParts } from './types.ts'

/** Opens what turns commits into files and streams; holds nothing open between calls. */
export function openMaterializer(_parts: MaterializerParts): Materializer {
  throw new Error('not yet')
}
