import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { VarveError } from '../model/index.ts'
import { nearest, packageFile } from '../util/index.ts'
import { openVarve } from './open.ts'
import { hasStore, makeStore, projectFolder } from './project-folder.ts'

export interface InitRequest {
  readonly directory: string
  /** `empty`, or the name of an example. */
  readonly template?: string
}

export interface InitReport {
  readonly directory: string
  readonly template: string
  /** What was made, as commands: "create repo images". */
  readonly applied: readonly string[]
}

export interface Template {
  readonly name: string
  readonly summary: string
}

const examplesFolder = fileURLToPath(packageFile('examples/'))

const emptyProject = `# A Varve project. Declare repos and pipelines here, then run: varve apply
# repos:
#   - name: images
#     from: photographs
# pipelines:
#   - pipeline: { name: vol }
#     input:
#       pfs: { repo: images, glob: '/*' }
#     transform:
#       operator: laplacian-variance
`

/** The templates there are, the empty one first. */
export async function templates(): Promise<readonly Template[]> {
  const names = existsSync(examplesFolder)
    ? readdirSync(examplesFolder).filter((name) =>
        existsSync(join(examplesFolder, name, 'varve.yaml')),
      )
    : []
  return [
    { name: 'empty', summary: 'a varve.yaml with nothing in it' },
    ...names.sort().map((name) => ({ name, summary: summaryOf(name) })),
  ]
}

/** The first comment of an example's project file says what it is. */
function summaryOf(name: string): string {
  const text = readFileSync(join(examplesFolder, name, 'varve.yaml'), 'utf8')
  return /^# (.+)/m.exec(text)?.[1] ?? ''
}

/**
 * Makes a project: the files of the template, a store, and what the project file declares.
 * `ALREADY_EXISTS` where there is one; files that lie there are never overwritten.
 */
export async function initProject(request: InitRequest): Promise<InitReport> {
  const { template = 'empty' } = request
  const directory = resolve(request.directory)
  const folder = projectFolder(directory)
  await checkTemplate(template)
  if (hasStore(folder)) {
    throw new VarveError('ALREADY_EXISTS', {
      what: `${directory} is a Varve project already.`,
      next: 'Run `varve status` to see what is in it.',
      data: { directory },
    })
  }
  mkdirSync(directory, { recursive: true })
  if (template === 'empty') {
    if (!existsSync(folder.projectFile)) writeFileSync(folder.projectFile, emptyProject)
  } else copyTemplate(template, directory)
  makeStore(folder)
  const varve = await openVarve({ dir: directory, mode: 'write' })
  try {
    const { changes } = await varve.apply()
    return { directory, template, applied: changes.map(({ text }) => text) }
  } finally {
    await varve.close()
  }
}

async function checkTemplate(name: string): Promise<void> {
  const known = (await templates()).map((template) => template.name)
  if (known.includes(name)) return
  const near = nearest(name, known)
  throw new VarveError('USAGE', {
    what: `There is no template "${name}".${near === undefined ? '' : ` Did you mean "${near}"?`}`,
    next: `Name one of ${known.join(', ')}.`,
    data: { template: name, known },
  })
}

function copyTemplate(name: string, directory: string): void {
  const from = join(examplesFolder, name)
  const taken = readdirSync(from).filter((entry) => existsSync(join(directory, entry)))
  if (taken.length > 0) {
    throw new VarveError('ALREADY_EXISTS', {
      what: `${basename(directory)} holds ${taken.slice(0, 3).join(', ')} already; nothing was copied.`,
      next: 'Choose an empty folder: `varve init FOLDER --template …`.',
      data: { directory, taken },
    })
  }
  cpSync(from, directory, { recursive: true, filter: (path) => basename(path) !== '.varve' })
}
