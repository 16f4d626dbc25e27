/** `npm test`: every test, then one closing line that any log reader understands. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface VitestSummary {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
}

const scratch = mkdtempSync(join(tmpdir(), 'varve-test-'))
const summaryFile = join(scratch, 'summary.json')
const vitest = join('node_modules', 'vitest', 'vitest.mjs')
const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${summaryFile}`]
const args = ['--disable-warning=ExperimentalWarning', vitest, 'run', ...reporters]
const result = spawnSync(process.execPath, [...args, ...process.argv.slice(2)], {
  stdio: 'inherit',
})

let failed = 0
try {
  const summary = JSON.parse(readFileSync(summaryFile, 'utf8')) as VitestSummary
  failed = summary.numFailedTests
  const skipped = summary.numPendingTests + summary.numTodoTests
  const tail = skipped > 0 ? `, ${skipped} skipped` : ''
  process.stdout.write(`tests: ${summary.numPassedTests} passed, ${failed} failed${tail}\n`)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
process.exit(result.status ?? 1)
