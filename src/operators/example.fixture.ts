import { spawnSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { OperatorFile } from './operator.ts'

export const exampleFolder: string = join(import.meta.dirname, '../../examples/image-quality')

/** All files of a flat folder as files of an input. */
export async function readInput(folder: string, input: string): Promise<OperatorFile[]> {
  const names = (await readdir(folder)).sort()
  return Promise.all(
    names.map(async (path) => ({ input, path, bytes: await readFile(join(folder, path)) })),
  )
}

/**
 * A python3 with cv2: of the folders of PATH, then Debian's own, since another Python may come first
 * on PATH. Undefined when there is none.
 */
export const python: string | undefined = [
  ...(process.env['PATH'] ?? '').split(delimiter),
  '/usr/bin',
]
  .map((folder) => join(folder, 'python3'))
  .find((program) => spawnSync(program, ['-c', 'import cv2, numpy']).status === 0)

export const openCvTitle: string =
  python === undefined ? 'SKIPPED: no python3 with cv2 (python3-opencv)' : 'with cv2'

/** Runs a script of the example that was copied to `<pfs>/scripts`. */
export function runScript(pfs: string, script: string): void {
  const run = spawnSync(python ?? 'python3', [join(pfs, 'scripts', script)], { encoding: 'utf8' })
  if (run.status === 0 && run.stderr === '') return
  throw new Error(`${script} ended with ${run.status}: ${run.stderr}`)
}
