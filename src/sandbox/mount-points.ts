import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path/posix'
import type { SystemFolders } from './system-folders.ts'
import type { ExtraMount } from './types.ts'

/** Where the machine's folders are seen once more, for the links of folders made anew. */
const BESIDE = '/run/varve/system'

/** How extra mounts are shown: folders and links first, then the mounts. */
export interface Placement extends Rebuilt {
  readonly mounts: readonly PlacedMount[]
}

interface Rebuilt {
  /** Shown read-only; `isNew` where the sandbox has nothing at the path yet. */
  readonly folders: readonly {
    readonly hostPath: string
    readonly path: string
    readonly isNew: boolean
  }[]
  readonly links: readonly { readonly target: string; readonly path: string }[]
}

/** A mount with the links on its way followed. */
export interface PlacedMount extends ExtraMount {
  readonly isFolder: boolean
  /** Whether there is a file or folder to mount it over; else the sandbox is empty at its path. */
  readonly hasPoint: boolean
}

interface Point extends PlacedMount {
  /** The deepest folder of the machine on its way, where the mount point has to be made. */
  readonly lacking: string | undefined
}

/** Names on the way to mount points; what ends there is a file or a folder. */
interface Way {
  readonly next: Map<string, Way>
  end: 'file' | 'folder' | undefined
}

/**
 * Where extra mounts go. The system's folders are shown read-only, so that a path which is not there
 * cannot be made in them: the folder it belongs to is then made anew, with the mount point and with
 * a link for everything else. A link costs a command nothing; a mount for each of the hundreds of
 * entries of `/etc` would cost it a quarter of a second.
 */
export class MountPoints {
  readonly #scratch: string
  readonly #folders: ReadonlySet<string>
  readonly #links: ReadonlyMap<string, string>
  readonly #known = new Map<string, Rebuilt>()

  /** `scratch` takes the folders made anew. They are made once, as the system is looked at once. */
  constructor(scratch: string, { folders, links }: SystemFolders) {
    this.#scratch = scratch
    this.#folders = new Set(folders)
    this.#links = new Map(links.map(([target, path]) => [path, target]))
  }

  place(mounts: readonly ExtraMount[]): Placement {
    const points = mounts.map((mount) => this.#pointOf(mount))
    const lacking = points.flatMap((point) => point.lacking ?? [])
    if (lacking.length === 0) return { folders: [], links: [], mounts: points }
    const key = JSON.stringify(points.map(({ path, isFolder }) => [path, isFolder]))
    const known = this.#known.get(key) ?? this.#rebuild(points, lacking)
    this.#known.set(key, known)
    return { ...known, mounts: points }
  }

  #pointOf(mount: ExtraMount): Point {
    const names = mount.path.split('/').filter((name) => name !== '')
    const isFolder = isDirectory(mount.hostPath)
    let base = '/'
    while (names.length > 1 && this.#goesOn(base, names[0] ?? '')) {
      base = realpathSync(join(base, names.shift() ?? ''))
    }
    const path = join(base, ...names)
    const hasPoint = this.#isSystem(base)
    const isThere = !hasPoint || isMountPoint(path, isFolder)
    return { ...mount, path, isFolder, hasPoint, lacking: isThere ? undefined : base }
  }

  /** Whether the way to a mount goes on in a folder of the machine that commands see. */
  #goesOn(base: string, name: string): boolean {
    const next = join(base, name)
    if (base !== '/') return this.#isSystem(base) && isDirectory(next)
    return (this.#folders.has(next) || this.#links.has(next)) && isDirectory(next)
  }

  #isSystem(path: string): boolean {
    return this.#folders.has(topOf(path))
  }

  #rebuild(points: readonly Point[], lacking: readonly string[]): Rebuilt {
    const paths = lacking.filter((path) => !lacking.some((other) => isBelow(path, other)))
    const rebuilt = [...new Set(paths)].map((path, place) => {
      const hostPath = join(this.#scratch, `${this.#known.size}-${place}`)
      const within = points.filter((point) => isBelow(point.path, path))
      mirror(path, hostPath, wayTo(path, within))
      return { hostPath, path, isNew: false }
    })
    const beside = new Set(paths.map(topOf))
    const others = [...this.#folders].filter((top) => !beside.has(top))
    const whole = [...beside].map((top) => ({ hostPath: top, path: BESIDE + top, isNew: true }))
    return {
      folders: [...whole, ...rebuilt],
      links: others
        .map((top) => ({ target: top, path: BESIDE + top }))
        .concat([...this.#links].map(([path, target]) => ({ target, path: BESIDE + path }))),
    }
  }
}

/** Makes `into` a folder with links to what the machine has at `path`, save on the ways to mounts. */
function mirror(path: string, into: string, way: Way): void {
  mkdirSync(into, { recursive: true })
  for (const entry of isDirectory(path) ? readdirSync(path, { withFileTypes: true }) : []) {
    if (way.next.has(entry.name)) continue
    const own = join(path, entry.name)
    symlinkSync(entry.isSymbolicLink() ? readlinkSync(own) : BESIDE + own, join(into, entry.name))
  }
  for (const [name, { next, end }] of way.next) {
    const point = join(into, name)
    if (end === 'folder') mkdirSync(point)
    else if (end === 'file') writeFileSync(point, '')
    else mirror(join(path, name), point, { next, end })
  }
}

function wayTo(base: string, points: readonly PlacedMount[]): Way {
  const start: Way = { next: new Map(), end: undefined }
  for (const { path, isFolder } of points) {
    let way = start
    for (const name of path.slice(base.length + 1).split('/')) {
      const next = way.next.get(name) ?? { next: new Map(), end: undefined }
      way.next.set(name, next)
      way = next
    }
    way.end = isFolder ? 'folder' : 'file'
  }
  return start
}

const topOf = (path: string): string => `/${path.split('/')[1] ?? ''}`

const isBelow = (path: string, folder: string): boolean => path.startsWith(`${folder}/`)

/** A link is none: what it leads to would be mounted over instead. */
function isMountPoint(path: string, isFolder: boolean): boolean {
  const there = lstatSync(path, { throwIfNoEntry: false })
  return isFolder ? there?.isDirectory() === true : there?.isFile() === true
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
