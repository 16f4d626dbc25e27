/** Projects for the benches that run Varve as its users do: the built program in a process of its own. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { openVarve } from '../src/engine/index.ts'
import { runCommand, type Measurement } from './harness.ts'

const root = resolve(import.meta.dirname, '..')
const program = join(root, 'dist', 'bin', 'main.js')

/** Builds when the program is older than any source: a stale one would answer for another day. */
function builtProgram(): string {
  spawnSync(process.execPath, ['scripts/bootstrap.cjs', 'build'], { cwd: root, stdio: 'inherit' })
  return program
}

let built: string | undefined

/** Runs one command line in the project, cold. */
export function varve(
  project: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Measurement {
  return runCommand(varveCommand(args), { cwd: project, env })
}

/** The built program with its arguments, for a bench that starts it in its own way. */
export function varveCommand(args: readonly string[]): readonly string[] {
  built ??= builtProgram()
  return [process.execPath, built, ...args]
}

/** Makes a project of the pipelines given, as documents of a spec file. */
export async function makeProject(
  project: string,
  document: { readonly repos: readonly string[]; readonly pipelines: readonly unknown[] },
): Promise<void> {
  mkdirSync(project, { recursive: true })
  writeFileSync(join(project, 'varve.yaml'), JSON.stringify(document))
  const opened = await openVarve({ dir: project })
  await opened.apply()
  await opened.close()
}

/** Puts files made of a name and bytes into a repo, in one commit. */
export async function putFiles(
  project: string,
  repo: string,
  files: Iterable<readonly [path: string, bytes: Uint8Array]>,
): Promise<void> {
  const opened = await openVarve({ dir: project })
  const sources = Array.from(files, ([path, bytes]) => ({ kind: 'bytes' as const, path, bytes }))
  await opened.files.put(`${repo}@master`, sources)
  await opened.close()
}

/** Paths `0000000`, `0000001`, ...: all of them in one folder. */
export function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, at) => String(at).padStart(7, '0'))
}
