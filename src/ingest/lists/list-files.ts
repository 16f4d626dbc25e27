import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { comparePaths, VarveError } from '../../model/index.ts'
import { fileFault } from './list-error.ts'
import { listFormats, type ListFile, type ListFormat } from './list-row.ts'

/** What the end of a name tells, also as img2dataset's `input_format` is written (`csv.gz`). */
export function parseListFormat(
  text: string,
): { readonly format: ListFormat; readonly gzip: boolean } | undefined {
  const gzip = /(^|\.)gz$/i.test(text)
  const ending = /[^.]*$/.exec(gzip ? text.slice(0, -3) : text)?.[0].toLowerCase() ?? ''
  const format = ending === 'ndjson' ? 'jsonl' : listFormats.find((known) => known === ending)
  if (format === undefined || (gzip && format === 'parquet')) return undefined
  return { format, gzip }
}

/**
 * The lists at a path: one file; all lists of a folder (not of its subfolders) in the order of their
 * names' bytes; or standard input, for `-`, which is txt unless told otherwise. The format comes from
 * the name unless told. In a folder hidden files, `._` files and files of other formats are passed
 * over. @throws LIST_NOT_FOUND, LIST_FORMAT_UNKNOWN, LIST_UNREADABLE
 */
export async function listFiles(path: string, format?: ListFormat): Promise<readonly ListFile[]> {
  if (path === '-') {
    return [{ name: '-', path: undefined, format: format ?? 'txt', gzip: false }]
  }
  const found = await orFault(path, stat(path))
  if (found.isDirectory()) return listsOfFolder(path, format)
  const named = parseListFormat(basename(path))
  const told = format ?? named?.format
  if (told === undefined) throw unknownFormat(path)
  return [{ name: basename(path), path, format: told, gzip: isPacked(path, told) }]
}

async function listsOfFolder(
  folder: string,
  format: ListFormat | undefined,
): Promise<readonly ListFile[]> {
  const entries = await orFault(folder, readdir(folder, { withFileTypes: true }))
  const names = entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name)
  const lists: ListFile[] = []
  for (const name of names.sort(comparePaths)) {
    const named = name.startsWith('.') ? undefined : parseListFormat(name)
    if (named === undefined || named.format !== (format ?? named.format)) continue
    lists.push({ name, path: join(folder, name), ...named })
  }
  if (lists.length > 0) return lists
  throw new VarveError('LIST_NOT_FOUND', {
    what: `The folder ${folder} holds no ${format === undefined ? '' : `${format} `}list.`,
    data: { list: folder, ...(format === undefined ? {} : { format }) },
  })
}

function isPacked(path: string, format: ListFormat): boolean {
  return format !== 'parquet' && /\.gz$/i.test(path)
}

function unknownFormat(path: string): VarveError {
  return new VarveError('LIST_FORMAT_UNKNOWN', {
    what: `The name of ${path} does not tell which format it has.`,
    data: { list: path, formats: listFormats },
  })
}

async function orFault<T>(path: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw fileFault(path, error)
  }
}
