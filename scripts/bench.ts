/** `npm run bench`: every question of bench/, one after another, then one table in docs/benchmarks.md. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { machine, type Finding } from '../bench/harness.ts'

const args = process.argv.slice(2)
const smoke = args.includes('--smoke')
const wanted = args.filter((arg) => !arg.startsWith('--'))
const scratch = mkdtempSync(join(tmpdir(), 'varve-bench-'))
const out = join(scratch, 'findings.jsonl')

const files = readdirSync('bench')
  .filter((file) => file.endsWith('.bench.ts'))
  .filter((file) => wanted.length === 0 || wanted.some((word) => file.includes(word)))
  .sort()

const failed: string[] = []
for (const file of files) {
  const command = ['--disable-warning=ExperimentalWarning', join('bench', file), ...args]
  const env = { ...process.env, VARVE_BENCH_OUT: out }
  const result = spawnSync(process.execPath, command, { stdio: 'inherit', env })
  if (result.status !== 0) failed.push(file)
}

const findings = existsSync(out)
  ? readFileSync(out, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Finding)
  : []
rmSync(scratch, { recursive: true, force: true })
if (!smoke && wanted.length === 0) {
  writeFileSync(join('docs', 'benchmarks.md'), tableOfTheDay(findings))
  process.stdout.write('\nThe table of the day is in docs/benchmarks.md\n')
}
if (failed.length > 0) process.stderr.write(`benches that failed to run: ${failed.join(', ')}\n`)
process.exit(failed.length > 0 || findings.length === 0 ? 1 : 0)

function tableOfTheDay(list: readonly Finding[]): string {
  const sections = list.map(({ question, rows, goals }) =>
    [
      `## ${question}`,
      '',
      '| what | wall s | CPU s | peak MB |',
      '|---|--:|--:|--:|',
      ...rows.map(
        (row) =>
          `| ${row.name} | ${row.wallSeconds.toFixed(3)} | ${row.cpuSeconds.toFixed(3)} | ${row.peakMegabytes.toFixed(0)} |`,
      ),
      '',
      ...goals.map(
        ({ goal, reached, met }) => `- ${met ? 'reached' : '**missed**'}: ${goal}: ${reached}`,
      ),
    ].join('\n'),
  )
  const day = new Date().toISOString().slice(0, 10)
  return [
    '# Benchmarks',
    '',
    `Written by \`npm run bench\` on ${day}; ${machine()}.`,
    'Medians of five runs in turns with the yardstick. Times of this machine are noisy: read ratios, not absolutes.',
    '',
    sections.join('\n\n'),
    '',
  ].join('\n')
}
