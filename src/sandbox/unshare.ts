import { dirname, join } from 'node:path'
import { INSIDE_BIN, INSIDE_CONTROL, prepareMountPoints } from './bwrap.ts'
import { findProgram, machinePath } from './environment.ts'
import type { Isolation, TaskView } from './isolation.ts'
import type { Launch } from './launch.ts'
import { MountPoints } from './mount-points.ts'
import { shellQuote } from './shell-quote.ts'
import { systemFolders, type SystemFolders } from './system-folders.ts'
import type { ExtraMount } from './types.ts'

const NAMESPACES = ['--user', '--map-root-user', '--mount', '--pid', '--ipc', '--uts']

/**
 * The same picture as bubblewrap gives, made with util-linux alone: slower, because every mount is
 * a program of its own, and with the capabilities of the new user namespace.
 */
export function unshareIsolation(folder: string): Isolation | string {
  const program = findProgram('unshare', machinePath())
  if (program === undefined) return 'unshare (util-linux) is not installed'
  const system = systemFolders()
  const start = systemScript(system)
  const points = new MountPoints(join(folder, 'mounts'), system)
  return {
    kind: 'unshare',
    extraProcesses: 3,
    changesUser: false,
    rewrite: (text) => text,
    binPath: () => INSIDE_BIN,
    controlPath: () => INSIDE_CONTROL,
    prepare: prepareMountPoints,
    launch: (view) => unshareLaunch(view, { program, start, points }),
  }
}

/** Shell that builds the new root in `$R` out of the machine's folders. */
function systemScript({ folders, links }: SystemFolders): string {
  const lines = ['set -e', 'mount -t tmpfs -o mode=755 varve "$R"']
  lines.push(`mkdir ${folders.map((path) => `"$R"${shellQuote(path)}`).join(' ')}`)
  lines.push('mkdir "$R/pfs" "$R/tmp" "$R/proc" "$R/dev"', `mkdir -p "$R${INSIDE_BIN}"`)
  lines.push(`mkdir -p "$R${INSIDE_CONTROL}"`)
  for (const path of folders) lines.push(bind(path, path, 'ro'))
  for (const [target, path] of links) {
    lines.push(`ln -s ${shellQuote(target)} "$R"${shellQuote(path)}`)
  }
  lines.push('mount --rbind /dev "$R/dev"', 'mount -t proc proc "$R/proc"')
  return lines.join('\n')
}

/**
 * A bind mount below the new root. Making it read-only may be refused where the mount beneath has
 * locked flags; the user's own rights then still protect the system.
 */
function bind(from: string, to: string, access: 'ro' | 'rw'): string {
  const target = `"$R"${shellQuote(to)}`
  const line = `mount --rbind ${shellQuote(from)} ${target}`
  if (access === 'rw') return line
  return `${line}; mount -o remount,bind,ro ${target} 2>/dev/null || true`
}

interface UnshareParts {
  readonly program: string
  /** Builds the root, as `systemScript` does. */
  readonly start: string
  readonly points: MountPoints
}

function unshareLaunch(view: TaskView, { program, start, points }: UnshareParts): Launch {
  const { task, root } = view
  const lines = [
    start,
    bind(join(root, 'tmp'), '/tmp', 'rw'),
    bind(join(root, 'pfs'), '/pfs', 'ro'),
  ]
  for (const [name, dir] of view.inputDirs) lines.push(bind(dir, `/pfs/${name}`, 'ro'))
  lines.push(bind(view.outDir, '/pfs/out', 'rw'), bind(view.binDir, INSIDE_BIN, 'ro'))
  if (view.controlDir !== undefined) lines.push(bind(view.controlDir, INSIDE_CONTROL, 'rw'))
  lines.push(...mountLines(points, task.extraMounts ?? []))
  lines.push('mount -o remount,ro "$R" 2>/dev/null || true')
  const dir = shellQuote(task.workingDir ?? '/')
  // Not exec: the first process of a namespace is deaf to the signals that enforce limits.
  lines.push(
    `set +e; chroot "$R" /bin/sh -c 'cd "$1" && shift && exec "$@"' sh ${dir} "$@"; exit $?`,
  )
  // The shells on the way drop names they cannot export.
  const names = Object.entries(view.env).filter(([name]) => !/^[A-Za-z_]\w*$/.test(name))
  const odd = names.length === 0 ? [] : ['env', ...names.map((pair) => pair.join('='))]
  const network = task.network === true ? [] : ['--net']
  const script = `R=${shellQuote(join(root, 'root'))}; mkdir "$R"; ${lines.join('\n')}`
  const options = [...NAMESPACES, ...network, '--fork', '--kill-child']
  const argv = [program, ...options, '/bin/sh', '-c', script, 'sh', ...odd, ...task.argv]
  return { argv, env: view.env, cwd: '/' }
}

/** Mount points are made where the new root is empty only: elsewhere they would be the machine's. */
function mountLines(points: MountPoints, extra: readonly ExtraMount[]): string[] {
  const { folders, links, mounts } = points.place(extra)
  const lines: string[] = []
  const make = (path: string, isFolder: boolean): void => {
    const quoted = shellQuote(path)
    if (isFolder) lines.push(`mkdir -p "$R"${quoted}`)
    else lines.push(`mkdir -p "$R"${shellQuote(dirname(path))}; : >"$R"${quoted}`)
  }
  for (const { hostPath, path, isNew } of folders) {
    if (isNew) make(path, true)
    lines.push(bind(hostPath, path, 'ro'))
  }
  for (const { target, path } of links) {
    lines.push(`ln -s ${shellQuote(target)} "$R"${shellQuote(path)}`)
  }
  for (const { hostPath, path, writable, isFolder, hasPoint } of mounts) {
    if (!hasPoint) make(path, isFolder)
    lines.push(bind(hostPath, path, writable === true ? 'rw' : 'ro'))
  }
  return lines
}
