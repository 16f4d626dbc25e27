import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Isolation, TaskView } from './isolation.ts'
import type { Launch } from './launch.ts'

/**
 * `/pfs` or `/tmp` where it begins a path: not after the end of another path, variable or URL, save
 * for the letter of a short flag (`-I/pfs/x`), and not where the name goes on (`/pfs2`).
 */
const privatePath =
  /(?<![\w.~*}\])/$])\/(?:pfs|tmp)(?![\w.-])|(?<=(?:^|[\s'"])-[A-Za-z])\/(?:pfs|tmp)(?![\w.-])/g

/** Puts the task's folder before every `/pfs` and `/tmp` in a text. */
export function rewritePaths(text: string, root: string): string {
  return text.replace(privatePath, (path) => root + path)
}

/** A plain process. `/pfs` and `/tmp` are rewritten to the task's folder where we can see them. */
export const plainIsolation: Isolation = {
  kind: 'plain',
  extraProcesses: 0,
  changesUser: false,
  rewrite: (text, view) => rewritePaths(text, view.root),
  binPath: (binDir) => binDir,
  controlPath: (controlDir) => controlDir,
  prepare: prepareLinks,
  launch: plainLaunch,
}

function prepareLinks(view: TaskView): void {
  symlinkSync(view.outDir, join(view.root, 'pfs', 'out'))
  for (const { hostPath, path } of view.task.extraMounts ?? []) {
    const link = join(view.root, path)
    mkdirSync(dirname(link), { recursive: true })
    if (!existsSync(link)) symlinkSync(hostPath, link)
  }
}

function plainLaunch(view: TaskView): Launch {
  const rewrite = (text: string): string => rewritePaths(text, view.root)
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(view.env)) {
    env[name] = name === 'PATH' || name === 'VARVE_CONTROL' ? value : rewrite(value)
  }
  return { argv: view.task.argv.map(rewrite), env, cwd: workingDir(view) }
}

function workingDir(view: TaskView): string {
  const dir = view.task.workingDir ?? '/'
  return dir === '/' ? view.root : rewritePaths(join('/', dir), view.root)
}
