import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let folder: string

/** Before the first test: a folder for temporary files of their own, so that what they leave in it goes. */
export function setup(): void {
  folder = mkdtempSync(join(tmpdir(), 'varve-tests-'))
  // Tests of other users must get through to theirs.
  chmodSync(folder, 0o755)
  process.env['TMPDIR'] = folder
}

export function teardown(): void {
  rmSync(folder, { recursive: true, force: true })
}
