import { readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { VarveError } from '../model/index.ts'
import {
  formatFault,
  loadSpecReader,
  refuseFaults,
  type ImageSettings,
  type PipelineSpec,
  type ProjectRepo,
} from '../pipelines/index.ts'

export type DeclaredRepo = ProjectRepo

export interface DeclaredProject {
  readonly repos: readonly DeclaredRepo[]
  /** Those written in the file and those of the spec files it names. */
  readonly pipelines: readonly PipelineSpec[]
  readonly images: Readonly<Record<string, ImageSettings>>
  /** Tasks at a time; one for each core when undefined. */
  readonly workers: number | undefined
  readonly warnings: readonly string[]
}

/**
 * Reads `varve.yaml` and the spec files it names. Throws one `SPEC_INVALID` with every fault of all
 * of them, each with file, line and column.
 */
export async function readProjectFile(file: string): Promise<DeclaredProject> {
  const reader = await loadSpecReader()
  const shown = relative(process.cwd(), file) || file
  const { project, faults } = reader.readProject({ file: shown, text: textOf(file) })
  const folder = dirname(file)
  const read = (project?.pipelineFiles ?? []).map((name) =>
    reader.readPipelines(
      { file: relative(process.cwd(), resolve(folder, name)), text: textOf(resolve(folder, name)) },
      { parameters: project?.parameters ?? {} },
    ),
  )
  const all = [...faults, ...read.flatMap((one) => one.faults)]
  refuseFaults(all)
  return {
    repos: project?.repos ?? [],
    pipelines: [...(project?.pipelines ?? []), ...read.flatMap(({ specs }) => specs)],
    images: project?.images ?? {},
    workers: project?.settings.workers,
    warnings: all.filter(({ severity }) => severity === 'warning').map(formatFault),
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new VarveError('IO_FAILED', {
      what: `Cannot read ${relative(process.cwd(), file)}.`,
      next: 'Check the path and its permissions.',
      data: { file },
      cause,
    })
  }
}
