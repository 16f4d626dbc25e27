import { accessSync, constants, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { VarveError } from '../model/index.ts'
import { systemCode } from '../util/index.ts'
import type { ProjectFolder } from './project-folder.ts'

/**
 * Refuses before anything is touched when this user may read a project and not write to it:
 * `IO_FAILED` with whose it is and what to do.
 */
export function checkWriteAccess({ store, directory }: ProjectFolder): void {
  const refused = refusedPath(store)
  if (refused === undefined) return
  const { path, code } = refused
  const why =
    code === 'EROFS'
      ? 'it is on a read-only file system'
      : `${path} belongs to user ${statSync(path).uid}, and you are user ${process.getuid?.() ?? '?'}`
  throw new VarveError('IO_FAILED', {
    what: `The project ${directory} can be read and not written: ${why}.`,
    next: `Run the command as that user, have it give you write access to all of ${store}, or work on a copy of the folder. Commands that only read work as they are.`,
    data: { path, directory, reason: code },
  })
}

/** Whether this user may change the project; commands that read need not. */
export function mayWrite({ store }: ProjectFolder): boolean {
  return refusedPath(store) === undefined
}

/** What opening a store writes first: its folder and the files directly in it. */
function refusedPath(store: string): { readonly path: string; readonly code: string } | undefined {
  for (const path of [store, ...readdirSync(store).map((name) => join(store, name))]) {
    const code = refusal(path)
    if (code !== undefined) return { path, code }
  }
  return undefined
}

function refusal(path: string): string | undefined {
  try {
    accessSync(path, constants.W_OK)
    return undefined
  } catch (error) {
    const code = systemCode(error)
    return code === 'EACCES' || code === 'EPERM' || code === 'EROFS' ? code : undefined
  }
}
