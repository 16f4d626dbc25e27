import type { Scope } from '../scope.ts'
import type { Files } from '../types/files.ts'

/**
 * The files of a store or of a transaction. How they are read, written and merged is loaded with the
 * first use: commands that only look at repos, commits or jobs never need it.
 */
export function filesOnDemand(scope: Scope): Files {
  let files: Promise<Files> | undefined
  const open = (): Promise<Files> =>
    (files ??= import('./files.ts').then(({ makeFiles }) => makeFiles(scope)))
  return {
    put: async (...of) => (await open()).put(...of),
    delete: async (...of) => (await open()).delete(...of),
    copy: async (...of) => (await open()).copy(...of),
    edit: async (...of) => (await open()).edit(...of),
    read: async (...of) => (await open()).read(...of),
    stream: (...of) => later(open, (opened) => opened.stream(...of)),
    inspect: async (...of) => (await open()).inspect(...of),
    find: async (...of) => (await open()).find(...of),
    list: (...of) => later(open, (opened) => opened.list(...of)),
    walk: (...of) => later(open, (opened) => opened.walk(...of)),
    glob: (...of) => later(open, (opened) => opened.glob(...of)),
    diff: (...of) => later(open, (opened) => opened.diff(...of)),
    merge: async (...of) => (await open()).merge(...of),
  }
}

async function* later<T>(
  open: () => Promise<Files>,
  items: (files: Files) => AsyncIterable<T>,
): AsyncIterable<T> {
  yield* items(await open())
}
