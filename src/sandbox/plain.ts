import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Isolation, TaskView } from './isolation.ts'
import type { Launch } from './launch.ts'

/**
 * A private path where it begins a path: not after the end of another path, variable or URL, save
 * for the letter of a short flag (`-I/pfs/x`), and not where the name goes on (`/pfs2`).
 */
function beginnings(paths: readonly string[]): RegExp {
  const any = paths.map((path) => path.slice(1).replace(/[^\w/]/g, '\\$&')).join('|')
  const path = `\\/(?:${any})(?![\\w.-])`
  return new RegExp(`(?<![\\w.~*}\\])/$])${path}|(?<=(?:^|[\\s'"])-[A-Za-z])${path}`, 'g')
}

const ours = ['/pfs', '/tmp']
const ourBeginnings = beginnings(ours)

/** Puts the task's folder before every `/pfs`, `/tmp` and path of a mount in a text. */
export function rewritePaths(text: string, root: string, mounts: readonly string[] = []): string {
  const sought = mounts.length === 0 ? ourBeginnings : beginnings([...mounts, ...ours])
  return text.replace(sought, (path) => root + path)
}

/** A plain process. Private paths are rewritten to the task's folder where we can see them. */
export const plainIsolation: Isolation = {
  kind: 'plain',
  extraProcesses: 0,
  changesUser: false,
  rewrite: (text, view) => rewritePaths(text, view.root, mountPaths(view)),
  binPath: (binDir) => binDir,
  controlPath: (controlDir) => controlDir,
  prepare: prepareLinks,
  launch: plainLaunch,
}

function prepareLinks(view: TaskView): void {
  for (const { hostPath, path } of view.task.extraMounts ?? []) {
    const link = join(view.root, path)
    mkdirSync(dirname(link), { recursive: true })
    if (!existsSync(link)) symlinkSync(hostPath, link)
  }
}

function plainLaunch(view: TaskView): Launch {
  const mounts = mountPaths(view)
  const rewrite = (text: string): string => rewritePaths(text, view.root, mounts)
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(view.env)) {
    env[name] = name === 'PATH' || name === 'VARVE_CONTROL' ? value : rewrite(value)
  }
  return { argv: view.task.argv.map(rewrite), env, cwd: workingDir(view, rewrite) }
}

function workingDir({ task, root }: TaskView, rewrite: (text: string) => string): string {
  const dir = task.workingDir ?? '/'
  return dir === '/' ? root : rewrite(join('/', dir))
}

/** Also the folders that hold nothing but mounts, so that they can be listed. */
function mountPaths({ task }: Pick<TaskView, 'task'>): string[] {
  const paths = (task.extraMounts ?? []).map(({ path }) => path)
  const folders = new Set(paths.map((path) => dirname(path)).filter((path) => !existsSync(path)))
  return [...paths, ...folders]
}
