import {
  type Stats,
  constants,
  copyFileSync,
  lstatSync,
  readdirSync,
  readlinkSync,
  statSync,
} from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { systemCode } from '../util/index.ts'
import type { OutputFile } from './types.ts'

/** What a command saw, as far as its links can point to. */
export interface OutputView {
  /** Host folder behind `/pfs/out`. */
  readonly outDir: string
  /** Name and host folder of every input. */
  readonly inputs: ReadonlyMap<string, string>
  /** Host folder behind the private `/tmp`. */
  readonly tmpDir: string
  /** Host folder of the task, which holds `pfs` and `tmp`: in plain mode links name it. */
  readonly root: string
}

export type Collected =
  | { readonly kind: 'files'; readonly files: readonly OutputFile[] }
  | { readonly kind: 'faults'; readonly faults: readonly string[] }

/** Where a link of the command leads, in our terms. */
type Place =
  | { readonly in: 'input'; readonly input: string; readonly path: string; readonly host: string }
  | { readonly in: 'out' | 'elsewhere'; readonly host: string }

const MAX_LINKS = 40
const MAX_FAULTS = 20

/**
 * Lists what a command left in `/pfs/out`, sorted by path. Links into inputs become references to
 * the input's file, other links become real content below `outDir`. Empty folders are dropped.
 * Sockets, devices, pipes, dangling and circular links and names that are not UTF-8 are faults, and
 * a folder that is none any more.
 */
export function collectOutput(view: OutputView): Collected {
  if (lstatSync(view.outDir, { throwIfNoEntry: false })?.isDirectory() !== true) {
    return { kind: 'faults', faults: ['/pfs/out: the folder itself was removed or replaced'] }
  }
  const collector = new Collector(view)
  collector.folder(view.outDir, '', 0)
  if (collector.faults.length > 0) {
    return { kind: 'faults', faults: collector.faults.slice(0, MAX_FAULTS) }
  }
  const files = collector.files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  return { kind: 'files', files }
}

class Collector {
  readonly files: OutputFile[] = []
  readonly faults: string[] = []
  readonly #view: OutputView

  constructor(view: OutputView) {
    this.#view = view
  }

  /** `links` counts links followed on the way here, so that a circle ends. */
  folder(host: string, path: string, links: number): void {
    for (const raw of readdirSync(host, { encoding: 'buffer' })) {
      const name = raw.toString('utf8')
      const child = path === '' ? name : `${path}/${name}`
      if (!Buffer.from(name, 'utf8').equals(raw)) {
        this.faults.push(`/pfs/out/${child}: the name is not valid UTF-8`)
        continue
      }
      const hostChild = join(host, name)
      this.#entry(hostChild, child, lstatSync(hostChild), links)
    }
  }

  #entry(host: string, path: string, stats: Stats, links: number): void {
    if (stats.isFile()) this.#file(host, path, stats.size)
    else if (stats.isDirectory()) this.folder(host, path, links)
    else if (stats.isSymbolicLink()) this.#link(host, path, links)
    else this.faults.push(`/pfs/out/${path}: ${kindOf(stats)} cannot be stored`)
  }

  #file(host: string, path: string, size: number): void {
    if (host.startsWith(`${this.#view.outDir}/`)) {
      this.files.push({ kind: 'file', path, hostFile: host, size })
      return
    }
    const copy = this.#freeName()
    copyFileSync(host, copy, constants.COPYFILE_FICLONE)
    this.files.push({ kind: 'file', path, hostFile: copy, size })
  }

  #link(host: string, path: string, links: number): void {
    if (links >= MAX_LINKS) {
      this.faults.push(`/pfs/out/${path}: links lead in a circle`)
      return
    }
    try {
      const place = resolveLink(this.#view, host)
      const stats = statSync(place.host)
      if (place.in === 'input') this.#fromInput(place, path, stats)
      else this.#entry(place.host, path, stats, links + 1)
    } catch (error) {
      const target = readlinkSync(host)
      this.faults.push(
        `/pfs/out/${path}: link to ${target} leads nowhere (${systemCode(error) ?? 'unknown'})`,
      )
    }
  }

  #fromInput(place: Extract<Place, { in: 'input' }>, path: string, stats: Stats): void {
    if (!stats.isDirectory()) {
      this.files.push({ kind: 'input', path, input: place.input, inputPath: place.path })
      return
    }
    for (const entry of readdirSync(place.host)) {
      const host = join(place.host, entry)
      const below = { ...place, host, path: place.path === '' ? entry : `${place.path}/${entry}` }
      this.#fromInput(below, `${path}/${entry}`, statSync(host))
    }
  }

  /** A name below `outDir` for content copied from elsewhere; it is not an output path itself. */
  #freeName(): string {
    const name = `.varve-copy-${String(this.files.length)}`
    return join(this.#view.outDir, name)
  }
}

/** Follows one chain of links the way the command's own system would have. */
function resolveLink(view: OutputView, link: string): Place {
  let host = link
  for (let hops = 0; hops < MAX_LINKS; hops += 1) {
    const target = readlinkSync(host)
    const place = posix.isAbsolute(target)
      ? placeOf(view, target)
      : placeOfHost(view, join(dirname(host), target))
    if (place.in === 'input' || !lstatSync(place.host).isSymbolicLink()) return place
    host = place.host
  }
  throw Object.assign(new Error('too many links'), { code: 'ELOOP' })
}

/** An absolute path as the command wrote it. */
function placeOf(view: OutputView, target: string): Place {
  const path = posix.normalize(target)
  if (path === '/pfs' || path.startsWith('/pfs/')) return placeOfHost(view, view.root + path)
  if (path.startsWith('/tmp/') && !path.startsWith(`${view.root}/`)) {
    return placeOfHost(view, join(view.tmpDir, path.slice('/tmp/'.length)))
  }
  return placeOfHost(view, path)
}

function placeOfHost(view: OutputView, host: string): Place {
  const pfs = join(view.root, 'pfs')
  for (const [input, dir] of view.inputs) {
    for (const folder of [dir, join(pfs, input)]) {
      const path = below(folder, host)
      if (path !== undefined) return { in: 'input', input, path, host: join(dir, path) }
    }
  }
  for (const folder of [view.outDir, join(pfs, 'out')]) {
    const path = below(folder, host)
    if (path !== undefined) return { in: 'out', host: join(view.outDir, path) }
  }
  return { in: 'elsewhere', host }
}

/** The part of `path` below `folder` (empty for the folder itself), or nothing. */
function below(folder: string, path: string): string | undefined {
  if (path === folder) return ''
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined
}

function kindOf(stats: Stats): string {
  if (stats.isFIFO()) return 'a pipe'
  if (stats.isSocket()) return 'a socket'
  return 'a device'
}
