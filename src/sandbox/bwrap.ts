import { mkdirSync, readdirSync, readlinkSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findProgram, machinePath } from './environment.ts'
import type { Isolation, TaskView } from './isolation.ts'
import type { Launch } from './launch.ts'
import { userIds } from './user-ids.ts'

/** Top-level folders that are private, made anew or none of a command's business. */
const REPLACED = new Set(['pfs', 'tmp', 'proc', 'dev', 'sys', 'run', 'lost+found', 'mnt', 'media'])
/** Where the command sees our own programs and its control pipes. */
export const INSIDE_BIN = '/run/varve/bin'
export const INSIDE_CONTROL = '/run/varve/control'

/**
 * bubblewrap over an empty root: the system's folders read-only, `/pfs`, `/tmp`, `/proc` and `/dev`
 * private, no capabilities, no network unless asked. The empty root is what makes it quick; a
 * read-only bind of `/` walks every mount of the machine.
 */
export function bwrapIsolation(): Isolation | string {
  const program = findProgram('bwrap', machinePath())
  if (program === undefined) return 'bwrap (bubblewrap) is not installed'
  const system = systemArguments()
  return {
    kind: 'bwrap',
    extraProcesses: 3,
    changesUser: true,
    rewrite: (text) => text,
    binPath: () => INSIDE_BIN,
    controlPath: () => INSIDE_CONTROL,
    prepare: prepareMountPoints,
    launch: (view) => bwrapLaunch([program, ...system], view),
  }
}

/** Mount points for what is bound inside `/pfs`. */
export function prepareMountPoints(view: TaskView): void {
  mkdirSync(join(view.root, 'pfs', 'out'), { recursive: true })
  for (const name of view.inputDirs.keys()) {
    mkdirSync(join(view.root, 'pfs', name), { recursive: true })
  }
}

/** The machine's own folders, looked at once. Links such as `/bin` stay links. */
export function systemFolders(): { folders: string[]; links: [string, string][] } {
  const folders: string[] = []
  const links: [string, string][] = []
  for (const entry of readdirSync('/', { withFileTypes: true })) {
    if (REPLACED.has(entry.name)) continue
    const path = `/${entry.name}`
    if (entry.isSymbolicLink()) links.push([readlinkSync(path), path])
    else if (entry.isDirectory()) folders.push(path)
  }
  return { folders, links }
}

function systemArguments(): string[] {
  const { folders, links } = systemFolders()
  return [
    '--die-with-parent',
    '--unshare-user',
    '--unshare-pid',
    '--unshare-ipc',
    '--unshare-uts',
    '--cap-drop',
    'ALL',
    '--tmpfs',
    '/',
    ...folders.flatMap((path) => ['--ro-bind', path, path]),
    ...links.flatMap(([target, path]) => ['--symlink', target, path]),
    '--proc',
    '/proc',
    '--dev',
    '/dev',
  ]
}

function bwrapLaunch(start: readonly string[], view: TaskView): Launch {
  const { task, root } = view
  const argv = [...start]
  if (task.network === true) argv.push(...resolverArguments())
  else argv.push('--unshare-net')
  const user = userIds(task.user)
  if (user !== undefined) argv.push('--uid', String(user.uid), '--gid', String(user.gid))
  argv.push('--bind', join(root, 'tmp'), '/tmp', '--ro-bind', join(root, 'pfs'), '/pfs')
  for (const [name, dir] of view.inputDirs) argv.push('--ro-bind', dir, `/pfs/${name}`)
  argv.push('--bind', view.outDir, '/pfs/out', '--ro-bind', view.binDir, INSIDE_BIN)
  if (view.controlDir !== undefined) argv.push('--bind', view.controlDir, INSIDE_CONTROL)
  for (const { hostPath, path, writable } of task.extraMounts ?? []) {
    argv.push(writable === true ? '--bind' : '--ro-bind', hostPath, path)
  }
  argv.push('--remount-ro', '/', '--chdir', task.workingDir ?? '/', '--', ...task.argv)
  return { argv, env: view.env, cwd: '/' }
}

/** `/etc/resolv.conf` often is a link into `/run`, which is not shown otherwise. */
function resolverArguments(): string[] {
  try {
    const real = realpathSync('/etc/resolv.conf')
    return real.startsWith('/run/') ? ['--dir', dirname(real), '--ro-bind', real, real] : []
  } catch {
    return []
  }
}
