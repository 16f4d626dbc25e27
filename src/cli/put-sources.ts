import { readFile, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import type { FileSource, Varve } from '../engine/index.ts'
import { VarveError } from '../model/index.ts'
import type { Cli } from './cli.ts'

export interface PutRequest {
  /** The path named on the line; undefined when there was none. */
  readonly path: string | undefined
  readonly files: readonly string[]
  /** Files that name one source a line. */
  readonly lists: readonly string[]
  readonly recursive: boolean
  readonly fullPath: boolean
  readonly untar: boolean
}

export interface GatheredSources {
  readonly sources: AsyncIterable<FileSource>
  /** Removes what was spooled to disk. Call it when the sources were read. */
  dispose(): Promise<void>
}

/** The files a `put file` line names, found one after another while they are being written. */
export function gatherSources(cli: Cli, varve: Varve, request: PutRequest): GatheredSources {
  const disposals: (() => Promise<void>)[] = []
  return {
    sources: gather(cli, varve, request, disposals),
    dispose: async () => {
      for (const dispose of disposals.splice(0)) await dispose()
    },
  }
}

async function* gather(
  cli: Cli,
  varve: Varve,
  request: PutRequest,
  disposals: (() => Promise<void>)[],
): AsyncGenerator<FileSource> {
  const named = [...request.files]
  for (const list of request.lists) named.push(...(await listedSources(cli, list)))
  const many = named.length > 1
  for (const source of named) {
    if (source === '-') {
      const spooled = await varve.spool(stdinPath(request), cli.input())
      disposals.push(async () => spooled.dispose())
      if (request.untar) yield* varve.archiveSources(spooled.source, request.path ?? '')
      else yield spooled.source
    } else if (isUrl(source)) {
      yield { kind: 'url', path: targetOf(source, request, many), url: source }
    } else {
      yield* localSources(resolve(cli.workingDirectory, source), source, { varve, request, many })
    }
  }
}

async function* localSources(
  file: string,
  source: string,
  { varve, request, many }: { varve: Varve; request: PutRequest; many: boolean },
): AsyncGenerator<FileSource> {
  const info = await stat(file)
  if (info.isDirectory()) {
    if (!request.recursive) {
      throw new VarveError('USAGE', {
        what: `${source} is a folder.`,
        next: 'Add -r to put it with all below.',
        data: { source },
      })
    }
    const below =
      request.path === undefined || many ? targetOf(source, request, many) : request.path
    yield* varve.folderSources(file, below)
  } else if (request.untar) {
    yield* varve.archiveSources({ kind: 'local', path: basename(file), file }, request.path ?? '')
  } else {
    yield { kind: 'local', path: targetOf(source, request, many), file }
  }
}

function stdinPath({ path, untar }: PutRequest): string {
  if (untar) return 'stdin.tar'
  if (path !== undefined && path !== '' && !path.endsWith('/')) return path
  throw new VarveError('USAGE', {
    what: 'What comes from stdin needs a path.',
    next: 'Write it as REPO@BRANCH:PATH, or name files with -f.',
  })
}

/** Where one source goes: its own name below the path, or the path itself for a single source. */
function targetOf(source: string, { path, fullPath }: PutRequest, many: boolean): string {
  const own = isUrl(source)
    ? decodeURIComponent(basename(new URL(source).pathname))
    : fullPath
      ? source.replace(/^(\.{0,2}\/)+/, '')
      : basename(resolve(source))
  if (path === undefined) return own
  return many || path.endsWith('/') || path === '' ? `${path.replace(/\/+$/, '')}/${own}` : path
}

async function listedSources(cli: Cli, list: string): Promise<string[]> {
  const text =
    list === '-'
      ? await textOf(cli.input())
      : await readFile(resolve(cli.workingDirectory, list), 'utf8')
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts).toString('utf8')
}

function isUrl(source: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(source)
}
