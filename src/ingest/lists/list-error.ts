import { VarveError } from '../../model/index.ts'
import { messageOf, systemCode } from '../../util/index.ts'
import type { ListFile } from './list-row.ts'

/** The list as a message should name it. */
export function shown(file: Pick<ListFile, 'path'>): string {
  return file.path ?? 'standard input'
}

/** The bytes cannot be had, or are not of the format told. */
export function unreadable(file: Pick<ListFile, 'path'>, why: string, cause?: unknown): VarveError {
  return new VarveError('LIST_UNREADABLE', {
    what: `The list ${shown(file)} cannot be read: ${why}.`,
    data: { list: shown(file) },
    ...(cause === undefined ? {} : { cause }),
  })
}

/** What the file system answered, in our words. */
export function fileFault(path: string, cause: unknown): VarveError {
  const code = systemCode(cause)
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new VarveError('LIST_NOT_FOUND', {
      what: `There is no list ${path}.`,
      data: { list: path },
      cause,
    })
  }
  return unreadable({ path }, code === 'EACCES' ? 'permission denied' : messageOf(cause), cause)
}
