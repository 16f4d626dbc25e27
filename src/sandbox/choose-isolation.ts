import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { VarveError } from '../model/index.ts'
import { bwrapIsolation } from './bwrap.ts'
import { machinePath } from './environment.ts'
import type { Isolation, TaskView } from './isolation.ts'
import { plainIsolation } from './plain.ts'
import { makeTaskFolder, outOf } from './task-folder.ts'
import type { SandboxOptions } from './types.ts'
import { unshareIsolation } from './unshare.ts'

interface Chosen {
  readonly isolation: Isolation
  /** Why each stronger way was not taken. */
  readonly passedOver: readonly string[]
}

/**
 * The strongest isolation of a mode that works in a real trial inside `folder`. Throws
 * `NOT_SUPPORTED` with the reasons when there is none.
 */
export function chooseIsolation(mode: SandboxOptions['mode'], folder: string): Chosen {
  const passedOver: string[] = []
  for (const make of candidates(mode)) {
    const isolation = make(folder)
    if (typeof isolation === 'string') {
      passedOver.push(isolation)
      continue
    }
    const fault = isolation.kind === 'plain' ? undefined : trial(isolation, folder)
    if (fault === undefined) return { isolation, passedOver }
    passedOver.push(fault)
  }
  throw new VarveError('NOT_SUPPORTED', {
    what: `Commands cannot be isolated with ${mode} on this machine: ${passedOver.join('; ')}`,
    next: 'Use sandbox mode auto, or install what is missing.',
    data: { reasons: passedOver },
  })
}

/** Makes an isolation that works in a folder, or says why this machine has none of that kind. */
type Candidate = (folder: string) => Isolation | string

function candidates(mode: SandboxOptions['mode']): readonly Candidate[] {
  const all = { bwrap: bwrapIsolation, unshare: unshareIsolation, plain: () => plainIsolation }
  return mode === 'auto' ? [all.bwrap, all.unshare, all.plain] : [all[mode]]
}

/** Runs `true` with all the parts of a real task; returns what the system said when it failed. */
function trial(isolation: Isolation, folder: string): string | undefined {
  const root = join(folder, `trial-${isolation.kind}`)
  makeTaskFolder(root)
  const view: TaskView = {
    task: { argv: ['true'], env: {} },
    env: { PATH: machinePath() },
    root,
    outDir: outOf(root),
    inputDirs: new Map(),
    binDir: join(folder, 'bin'),
  }
  mkdirSync(view.binDir, { recursive: true })
  isolation.prepare(view)
  const { argv, env, cwd } = isolation.launch(view)
  const [program = '', ...args] = argv
  const result = spawnSync(program, args, { env, cwd, encoding: 'utf8', timeout: 10_000 })
  rmSync(root, { recursive: true, force: true })
  if (result.status === 0) return undefined
  const said = result.error?.message ?? result.stderr.trim().split('\n')[0]
  return `${isolation.kind} does not work here: ${said ?? 'no message'}`
}
