import { VarveError, type JsonObject, type JsonValue } from '../../model/index.ts'
import type { Store } from '../../repos/index.ts'
import type { Sample } from './sample.ts'

/** What the `<key>.json` of each sample holds, undefined for samples without one. */
export async function sampleColumns(
  content: Pick<Store['content'], 'read'>,
  samples: readonly Sample[],
): Promise<(JsonObject | undefined)[]> {
  const files = samples.map(({ files }) => files.find(({ extension }) => extension === 'json'))
  const present = files.filter((file) => file !== undefined)
  const bytes = await content.read(present.map(({ digest }) => digest))
  let at = 0
  return files.map((file, place) =>
    file === undefined ? undefined : parseColumns(samples[place]?.key ?? '', bytes[at++]),
  )
}

export function parseColumns(key: string, bytes: Uint8Array | undefined): JsonObject {
  const value = parsed(Buffer.from(bytes ?? []).toString('utf8'))
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject
  }
  throw new VarveError('SAMPLE_INVALID', {
    what: `"${key}.json" is no JSON object, so it gives the sample no columns.`,
    data: { path: `${key}.json` },
  })
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return undefined
  }
}
