import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, systemRandom } from '../util/index.ts'
import { openSandbox } from './open-sandbox.ts'
import type {
  CommandOutcome,
  CommandTask,
  OutputFile,
  Sandbox,
  SandboxKind,
  WorkPiece,
} from './types.ts'

/** A sandbox in a scratch folder of its own, and short ways to run shell scripts in it. */
export interface SandboxRig {
  readonly sandbox: Sandbox
  readonly scratch: string
  newOut(): string
  /** One piece of work for a session, named and fed by a text. */
  piece(text: string): WorkPiece
  /** What it wrote is kept, though the sandbox removes it. */
  sh(script: string, extra?: Partial<CommandTask>, signal?: AbortSignal): Promise<CommandOutcome>
  /** Closes and returns what is left in the scratch folder besides outputs. */
  close(): Promise<readonly string[]>
}

export async function openRig(mode: SandboxKind): Promise<SandboxRig> {
  const scratch = mkdtempSync(join(tmpdir(), 'varve-sandbox-'))
  const sandbox = await openSandbox({
    mode,
    scratch,
    clock: systemClock,
    random: systemRandom,
  })
  let outs = 0
  const newOut = (): string => {
    outs += 1
    const dir = join(scratch, `out-${String(outs)}`)
    mkdirSync(dir)
    return dir
  }
  return {
    sandbox,
    scratch,
    newOut,
    piece: (text) => ({
      inputs: [{ name: 'in', files: [{ path: 'x', content: Buffer.from(text.slice(0, 1)) }] }],
      outDir: newOut(),
      env: { in: '/pfs/in/x', PACH_DATUM_ID: text },
    }),
    sh: async (script, extra = {}, signal) => {
      const task: CommandTask = {
        argv: ['/bin/sh', '-c', script],
        env: {},
        inputs: [{ name: 'in', files: [{ path: 'dir/x', content: Buffer.from('hi\n') }] }],
        ...extra,
      }
      let kept: readonly OutputFile[] = []
      const takeOutput = async (output: readonly OutputFile[]): Promise<void> => {
        kept = keptFiles(output, newOut())
        await task.takeOutput?.(output)
      }
      const outcome = await sandbox.run({ ...task, takeOutput }, signal)
      return outcome.kind === 'exited' ? { ...outcome, output: kept } : outcome
    },
    close: async () => {
      await sandbox.close()
      const left = readdirSync(scratch).filter((name) => !name.startsWith('out-'))
      rmSync(scratch, { recursive: true, force: true })
      return left
    },
  }
}

function keptFiles(output: readonly OutputFile[], folder: string): readonly OutputFile[] {
  return output.map((file, place) => {
    if (file.kind === 'input') return file
    const hostFile = join(folder, String(place))
    copyFileSync(file.hostFile, hostFile)
    return { ...file, hostFile }
  })
}
