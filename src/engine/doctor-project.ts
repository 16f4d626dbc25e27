import { existsSync } from 'node:fs'
import { checkBusFile } from '../events/index.ts'
import { isVarveError } from '../model/index.ts'
import { checkCatalogFile } from '../repos/index.ts'
import { checkItemIndex } from '../segments/index.ts'
import { messageOf } from '../util/index.ts'
import type { Check } from './check.ts'
import { checkFormat, hasStore, type ProjectFolder } from './project-folder.ts'
import { writerOf } from './status.ts'
import { checkWriteAccess, mayWrite } from './write-access.ts'

/** Looks at the project of a folder: its store, the files beside the segments, who writes. */
export function projectChecks(folder: ProjectFolder | undefined, directory: string): Check[] {
  if (folder === undefined) {
    const hint = 'Run `varve init` to make one.'
    return [{ name: 'project', state: 'warning', found: `none at ${directory}`, hint }]
  }
  const project: Check = { name: 'project', state: 'ok', found: folder.directory }
  if (!hasStore(folder)) {
    return [project, { name: 'store', state: 'warning', found: 'none', hint: 'Run `varve apply`.' }]
  }
  const { index, catalog, bus } = folder
  const caches: readonly DatabaseFile[] = [
    { name: 'index', path: index, check: checkItemIndex },
    { name: 'catalog', path: catalog, check: checkCatalogFile },
  ]
  return [
    project,
    formatCheck(folder),
    accessCheck(folder),
    ...caches.map((file) => cacheCheck(file, folder)),
    ...(existsSync(bus)
      ? [fileCheck({ name: 'bus', path: bus, check: checkBusFile }, folder)]
      : []),
    { name: 'writer', state: 'ok', found: writerOf(folder) ?? 'nobody writes' },
  ]
}

interface DatabaseFile {
  readonly name: string
  readonly path: string
  /** Throws when the file cannot be used. */
  readonly check: (path: string) => void
}

/** A file that `varve reindex` makes anew from the segments. */
function cacheCheck(file: DatabaseFile, folder: ProjectFolder): Check {
  if (existsSync(file.path)) return fileCheck(file, folder)
  return { name: file.name, state: 'warning', found: 'none', hint: 'Run `varve reindex`.' }
}

function fileCheck({ name, path, check }: DatabaseFile, folder: ProjectFolder): Check {
  try {
    check(path)
    return { name, state: 'ok', found: path }
  } catch (error) {
    // SQLite wants to write beside a file it reads; `access` has said that this user may not.
    const isOnlyReader = isVarveError(error, 'IO_FAILED') && !mayWrite(folder)
    if (!isOnlyReader) return failed(name, error)
    return { name, state: 'ok', found: 'commands of this user do without it' }
  }
}

function accessCheck(folder: ProjectFolder): Check {
  try {
    checkWriteAccess(folder)
    return { name: 'access', state: 'ok', found: 'this user may write' }
  } catch (error) {
    if (!isVarveError(error)) throw error
    return { ...failed('access', error), state: 'warning' }
  }
}

function formatCheck(folder: ProjectFolder): Check {
  try {
    checkFormat(folder)
    return { name: 'format', state: 'ok', found: 'known to this Varve' }
  } catch (error) {
    return failed('format', error)
  }
}

function failed(name: string, error: unknown): Check {
  const hint = isVarveError(error) ? error.next : 'Check the permissions.'
  return { name, state: 'failed', found: messageOf(error), hint }
}
