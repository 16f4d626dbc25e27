import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Before the first test: what tests leave in the system's folder for temporary files goes at the end. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'varve-tests-'))
  process.env['TMPDIR'] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}
