import { existsSync, readdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Compiled code is no leftover of ours, and programs start faster with one cache for all. */
export const compileCache = { NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') }

export const checkout = fileURLToPath(new URL('../', import.meta.url))

/** The command line: the build where it is up to date, because it starts faster, else the source itself. */
export function programFile(): string {
  return join(checkout, isBuilt() ? 'dist/bin/main.js' : 'src/cli/main.ts')
}

/** Whether `dist` was built from the sources as they are. */
export function isBuilt(): boolean {
  const stamp = join(checkout, 'dist/.stamp')
  const files = readdirSync(join(checkout, 'src'), { recursive: true, encoding: 'utf8' })
  const newest = files
    .map((path) => statSync(join(checkout, 'src', path)).mtimeMs)
    .reduce((latest, time) => Math.max(latest, time), 0)
  return existsSync(stamp) && statSync(stamp).mtimeMs > newest
}
