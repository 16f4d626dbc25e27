import { VarveError } from './errors.ts'

/**
 * The path of a file inside a repo: parts joined with "/", no leading or trailing slash, any
 * Unicode text except NUL and lone surrogates, no part empty, "." or "..".
 */
export type FilePath = string & { readonly __brand: 'FilePath' }

/** Reads a path as a user types it; "/" and "" both mean the root and come back as "". */
export function parseFilePath(text: string): FilePath {
  const trimmed = text.replace(/^\/+/, '').replace(/\/+$/, '')
  if (trimmed === '') return '' as FilePath
  const parts = trimmed.split('/')
  const bad = parts.find((part) => part === '' || part === '.' || part === '..')
  if (bad !== undefined) {
    const why = bad === '' ? 'an empty part' : `the part "${bad}"`
    throw new VarveError('PATH_INVALID', {
      what: `The path "${text}" has ${why}.`,
      data: { path: text },
    })
  }
  if (trimmed.includes('\0') || !trimmed.isWellFormed()) {
    throw new VarveError('PATH_INVALID', {
      what: `The path ${JSON.stringify(text)} holds NUL or broken Unicode.`,
      data: { path: text },
    })
  }
  return trimmed as FilePath
}

/** The directories above a path, nearest first, without the root: "a/b/c" gives "a/b", "a". */
export function parentDirectories(path: string): string[] {
  const parents: string[] = []
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    parents.push(path.slice(0, end))
  }
  return parents
}

const aboveBasicPlane = /[\ud800-\udfff]/

/**
 * Order of UTF-8 bytes, which is the order of tree keys. JavaScript orders UTF-16 units: the two
 * differ only where a surrogate meets U+E000 to U+FFFF.
 */
export function comparePaths(a: string, b: string): number {
  if (aboveBasicPlane.test(a) || aboveBasicPlane.test(b)) {
    return Buffer.compare(Buffer.from(a), Buffer.from(b))
  }
  return a < b ? -1 : a > b ? 1 : 0
}
