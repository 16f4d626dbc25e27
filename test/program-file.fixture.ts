import { existsSync, readdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Compiled code is no leftover of ours, and programs start faster with one cache for all. */
export const compileCache = { NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') }

const checkout = fileURLToPath(new URL('../', import.meta.url))

/** The command line: the build where it is up to date, because it starts faster, else the source itself. */
export function programFile(): string {
  const stamp = join(checkout, 'dist/.stamp')
  const files = readdirSync(join(checkout, 'src'), { recursive: true, encoding: 'utf8' })
  const newest = files
    .map((path) => statSync(join(checkout, 'src', path)).mtimeMs)
    .reduce((latest, time) => Math.max(latest, time), 0)
  const isFresh = existsSync(stamp) && statSync(stamp).mtimeMs > newest
  return join(checkout, isFresh ? 'dist/cli/main.js' : 'src/cli/main.ts')
}
