import { formatFault, loadSpecReader, refuseFaults, type PipelineSpec } from '../pipelines/index.ts'
import type { CheckedSpecs, SpecSource } from './values.ts'

export interface ReadOptions {
  /** Project of specs that name none. */
  readonly project?: string
}

/**
 * Reads spec files. Throws one `SPEC_INVALID` with the faults of all of them, each with file, line
 * and column; what is accepted and means nothing here comes back as warnings.
 */
export async function readSpecSources(
  sources: readonly SpecSource[],
  options: ReadOptions = {},
): Promise<CheckedSpecs> {
  const { readPipelines } = await loadSpecReader()
  const read = sources.map((source) => readPipelines(source, options))
  const faults = read.flatMap((one) => one.faults)
  refuseFaults(faults)
  const warnings = faults.filter(({ severity }) => severity === 'warning').map(formatFault)
  return { specs: read.flatMap((one) => one.specs), warnings }
}

/** The spec as a user would write it again, in YAML. */
export async function specAsYaml(spec: PipelineSpec): Promise<string> {
  const { specToDocument } = await import('./spec-document.ts')
  const { stringify } = await import('yaml')
  return stringify(specToDocument(spec))
}
