import { readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { digestOf, VarveError, type Digest } from '../model/index.ts'
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
  /** Every file that was read, with the digest of its text. */
  readonly files: Readonly<Record<string, Digest>>
}

/**
 * Reads `varve.yaml` and the spec files it names. Throws one `SPEC_INVALID` with every fault of all
 * of them, each with file, line and column.
 */
export async function readProjectFile(file: string): Promise<DeclaredProject> {
  const reader = await loadSpecReader()
  const files: Record<string, Digest> = {}
  const read = (name: string): string => {
    const text = textOf(name)
    files[name] = digestOf(text)
    return text
  }
  const shown = relative(process.cwd(), file) || file
  const { project, faults } = reader.readProject({ file: shown, text: read(file) })
  if (faults.some(({ path }) => path === 'pipeline')) throw isSpec(shown)
  const folder = dirname(file)
  const specs = (project?.pipelineFiles ?? []).map((name) =>
    reader.readPipelines(
      { file: relative(process.cwd(), resolve(folder, name)), text: read(resolve(folder, name)) },
      { parameters: project?.parameters ?? {} },
    ),
  )
  const pipelines = [...(project?.pipelines ?? []), ...specs.flatMap((one) => one.specs)]
  const all = [...faults, ...specs.flatMap((one) => one.faults)]
  refuseFaults(all)
  // Each apply would take such a pipeline from one of its places to the other.
  refuseFaults(reader.givenTwice(pipelines, shown))
  return {
    repos: project?.repos ?? [],
    pipelines,
    images: project?.images ?? {},
    workers: project?.settings.workers,
    warnings: all.filter(({ severity }) => severity === 'warning').map(formatFault),
    files,
  }
}

function isSpec(file: string): VarveError {
  return new VarveError('USAGE', {
    what: `${file} is a pipeline spec, and no project file.`,
    next: `Run \`varve create pipeline -f ${file}\`, or name it under \`pipelines:\` in varve.yaml.`,
    data: { file },
  })
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
