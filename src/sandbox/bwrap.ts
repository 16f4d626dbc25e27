import { mkdirSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findProgram, machinePath } from './environment.ts'
import type { Isolation, TaskView } from './isolation.ts'
import type { Launch } from './launch.ts'
import { MountPoints } from './mount-points.ts'
import { systemFolders, type SystemFolders } from './system-folders.ts'
import type { ExtraMount } from './types.ts'
import { userIds } from './user-ids.ts'

/** Where the command sees our own programs and its control pipes. */
export const INSIDE_BIN = '/run/varve/bin'
export const INSIDE_CONTROL = '/run/varve/control'

/**
 * bubblewrap over an empty root: the system's folders read-only, `/pfs`, `/tmp`, `/proc` and `/dev`
 * private, no capabilities, no network unless asked. The empty root is what makes it quick; a
 * read-only bind of `/` walks every mount of the machine.
 */
export function bwrapIsolation(folder: string): Isolation | string {
  const program = findProgram('bwrap', machinePath())
  if (program === undefined) return 'bwrap (bubblewrap) is not installed'
  const system = systemFolders()
  const start = [program, ...systemArguments(system)]
  const points = new MountPoints(join(folder, 'mounts'), system)
  return {
    kind: 'bwrap',
    extraProcesses: 3,
    changesUser: true,
    rewrite: (text) => text,
    binPath: () => INSIDE_BIN,
    controlPath: () => INSIDE_CONTROL,
    prepare: prepareMountPoints,
    launch: (view) => bwrapLaunch(start, points, view),
  }
}

/** Mount points for what is bound inside `/pfs`. */
export function prepareMountPoints(view: TaskView): void {
  for (const name of view.inputDirs.keys()) {
    mkdirSync(join(view.root, 'pfs', name), { recursive: true })
  }
}

function systemArguments({ folders, links }: SystemFolders): string[] {
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

function bwrapLaunch(start: readonly string[], points: MountPoints, view: TaskView): Launch {
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
  argv.push(...mountArguments(points, task.extraMounts ?? []))
  argv.push('--remount-ro', '/', '--chdir', task.workingDir ?? '/', '--', ...task.argv)
  return { argv, env: view.env, cwd: '/' }
}

function mountArguments(points: MountPoints, extra: readonly ExtraMount[]): string[] {
  if (extra.length === 0) return []
  const { folders, links, mounts } = points.place(extra)
  return [
    ...folders.flatMap(({ hostPath, path }) => ['--ro-bind', hostPath, path]),
    ...links.flatMap(({ target, path }) => ['--symlink', target, path]),
    ...mounts.flatMap(({ hostPath, path, writable }) => {
      return [writable === true ? '--bind' : '--ro-bind', hostPath, path]
    }),
  ]
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
