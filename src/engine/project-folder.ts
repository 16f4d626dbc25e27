import {
  accessSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { VarveError } from '../model/index.ts'
import { messageOf, systemCode } from '../util/index.ts'

/** The version of the store's layout this program writes; docs/format/store.md. */
const formatVersion = 1
const formatLine = /^varve (\d+)$/m

/** Where everything of a project lies. */
export interface ProjectFolder {
  readonly directory: string
  /** `varve.yaml`; need not exist. */
  readonly projectFile: string
  /** `.varve`. */
  readonly store: string
  readonly index: string
  readonly catalog: string
  readonly bus: string
  /** There once a list was enqueued: who only looks need not open the bus to know that none was. */
  readonly enqueued: string
  readonly scratch: string
}

export function projectFolder(directory: string): ProjectFolder {
  const store = join(directory, '.varve')
  return {
    directory,
    projectFile: join(directory, 'varve.yaml'),
    store,
    index: join(store, 'index.sqlite'),
    catalog: join(store, 'catalog.sqlite'),
    bus: join(store, 'bus.sqlite'),
    enqueued: join(store, 'enqueued'),
    scratch: join(store, 'tmp'),
  }
}

/**
 * The project a folder belongs to: itself or the nearest one above that holds `.varve` or
 * `varve.yaml`. Throws `PROJECT_NOT_FOUND`.
 */
export function findProject(start: string): ProjectFolder {
  const from = resolve(start)
  for (let directory = from; ; directory = dirname(directory)) {
    const folder = projectFolder(directory)
    if (existsSync(join(folder.store, 'format')) || existsSync(folder.projectFile)) return folder
    if (dirname(directory) === directory) break
  }
  throw new VarveError('PROJECT_NOT_FOUND', {
    what: `Neither ${from} nor a folder above it holds a Varve project.`,
    data: { directory: from },
  })
}

/** Throws `IO_FAILED` when this user may not even look: that is no project without a store. */
export function hasStore(folder: ProjectFolder): boolean {
  const file = join(folder.store, 'format')
  try {
    accessSync(file)
    return true
  } catch (cause) {
    if (systemCode(cause) !== 'EACCES') return false
    throw new VarveError('IO_FAILED', {
      what: `This user may not read ${folder.store}.`,
      next: 'Run the command as the user it belongs to, or have it opened to you.',
      data: { path: file },
      cause,
    })
  }
}

/** Makes an empty store; one that is there stays as it is. */
export function makeStore(folder: ProjectFolder): void {
  mkdirSync(join(folder.store, 'segments'), { recursive: true })
  mkdirSync(folder.scratch, { recursive: true })
  // A project is often a Git checkout too: the store must not end up inside it.
  writeFileSync(join(folder.store, '.gitignore'), '*\n')
  // Last, because this file is what makes the folder a store.
  if (!hasStore(folder)) writeFileSync(join(folder.store, 'format'), `varve ${formatVersion}\n`)
}

/**
 * Removes what processes that were killed left in the scratch folder, secrets of their commands
 * among it. Only for the holder of the writer lock: nobody else's run can be using it.
 */
export function sweepScratch({ scratch }: ProjectFolder): void {
  for (const name of namesIn(scratch)) {
    try {
      rmSync(join(scratch, name), { recursive: true, force: true })
    } catch {
      // A command may have left folders this user cannot enter: no reason not to work.
    }
  }
}

function namesIn(scratch: string): string[] {
  try {
    mkdirSync(scratch, { recursive: true })
    return readdirSync(scratch)
  } catch (cause) {
    const why = messageOf(cause)
    throw new VarveError('IO_FAILED', {
      what: `The scratch folder ${scratch} cannot be used: ${why}.`,
      next: 'Delete it, or give it back to your user: nothing that lasts lies there.',
      data: { path: scratch },
      cause,
    })
  }
}

/** Throws `FORMAT_TOO_NEW` for a store this program must not touch. */
export function checkFormat(folder: ProjectFolder): void {
  const text = readFileSync(join(folder.store, 'format'), 'utf8')
  const version = Number(formatLine.exec(text)?.[1] ?? Number.NaN)
  if (version <= formatVersion) return
  if (Number.isNaN(version)) {
    throw new VarveError('STORE_DAMAGED', {
      what: `${join(folder.store, 'format')} does not say "varve ${formatVersion}".`,
      next: `Write the line "varve ${formatVersion}" into it if this is a Varve store.`,
    })
  }
  throw new VarveError('FORMAT_TOO_NEW', {
    what: `The store in ${folder.store} has format ${version}; this Varve knows ${formatVersion}.`,
    data: { format: version, known: formatVersion },
  })
}
