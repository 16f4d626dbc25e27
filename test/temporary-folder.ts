import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let folder: string

/** Before the first test: a folder for temporary files of their own, so that what they leave in it goes. */
export function setup(): void {
  folder = mkdtempSync(join(tmpdir(), 'varve-tests-'))
  // For all users, as the folder it lies in.
  chmodSync(folder, 0o1777)
  process.env['TMPDIR'] = folder
}

export function teardown(): void {
  rmSync(folder, { recursive: true, force: true })
}
