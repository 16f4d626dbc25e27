/**
 * `npm run bench`: the questions of bench/, one after another; each writes its section of
 * docs/benchmarks.md. `npm run bench -- tree ingest` asks those whose file name has one of the words
 * in it, and leaves the other sections as they are. A smoke run writes none.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { machine, type Finding } from '../bench/harness.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { smoke: { type: 'boolean', default: false }, rounds: { type: 'string', default: '5' } },
})
const page = join('docs', 'benchmarks.md')
const scratch = mkdtempSync(join(tmpdir(), 'varve-bench-'))
const names = readdirSync('bench')
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => basename(file, '.bench.ts'))
  .filter((name) => positionals.length === 0 || positionals.some((word) => name.includes(word)))
  .sort()

const failed = names.filter((name) => !run(name))
rmSync(scratch, { recursive: true, force: true })
if (!values.smoke) process.stdout.write(`\nThe figures are in ${page}\n`)
if (failed.length > 0) process.stderr.write(`benches that failed to run: ${failed.join(', ')}\n`)
process.exit(failed.length > 0 || names.length === 0 ? 1 : 0)

/** Each in a process of its own, so that none pays for what another left in memory. */
function run(name: string): boolean {
  const out = join(scratch, `${name}.jsonl`)
  const options = values.smoke ? ['--smoke'] : ['--rounds', values.rounds]
  const command = ['--disable-warning=ExperimentalWarning', join('bench', `${name}.bench.ts`)]
  const env = { ...process.env, VARVE_BENCH_OUT: out }
  const before = ticks()
  const { status } = spawnSync(process.execPath, [...command, ...options], {
    stdio: 'inherit',
    env,
  })
  if (status !== 0) return false
  if (!values.smoke && existsSync(out)) record(name, readFileSync(out, 'utf8'), stolenSince(before))
  return true
}

function record(name: string, findings: string, stolen: string): void {
  const list = findings
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Finding)
  const sections = new Map([...sectionsOf(page), [name, sectionOf(list, stolen)]])
  const sorted = [...sections].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const texts = sorted.map(([key, text]) => `<!-- ${key} -->\n\n${text}`)
  writeFileSync(page, `${introduction()}\n\n${texts.join('\n\n')}\n`)
}

/** The sections that are there, by the name of their bench. */
function sectionsOf(file: string): Map<string, string> {
  if (!existsSync(file)) return new Map()
  const parts = readFileSync(file, 'utf8').split(/^<!-- ([a-z0-9-]+) -->$/m)
  const sections = new Map<string, string>()
  for (let at = 1; at + 1 < parts.length; at += 2) {
    sections.set(parts[at] ?? '', (parts[at + 1] ?? '').trim())
  }
  return sections
}

function introduction(): string {
  return `# Benchmarks

Written by \`npm run bench\`; each section says when, on what, and of how many runs the figures are the median.
Runs take turns with the yardstick, because times drift: read ratios, not absolutes. CPU is that of all processes
together, memory that of the largest one.`
}

interface Ticks {
  readonly all: number
  readonly stolen: number
}

/** Processor time of this machine, and what of it its host gave to others, as Linux counts them. */
function ticks(): Ticks {
  if (!existsSync('/proc/stat')) return { all: 0, stolen: 0 }
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n')
  const counts = line.split(/\s+/).slice(1, 9).map(Number)
  return { all: counts.reduce((sum, count) => sum + count, 0), stolen: counts[7] ?? 0 }
}

/** Seconds of a virtual machine count less when others had its cores: worth knowing from 2 % on. */
function stolenSince(before: Ticks): string {
  const now = ticks()
  const share = (now.stolen - before.stolen) / Math.max(1, now.all - before.all)
  return share < 0.02
    ? ''
    : `; other guests of its host had ${Math.round(share * 100)} % of the cores`
}

function sectionOf(findings: readonly Finding[], stolen: string): string {
  const day = new Date().toISOString().slice(0, 10)
  const origin = `${day}, ${values.rounds} runs; ${machine()}${stolen}`
  return findings.map((finding) => findingText(finding, origin)).join('\n\n')
}

function findingText({ question, rows, goals }: Finding, origin: string): string {
  const figures = rows.map(({ name, wallSeconds, cpuSeconds, peakMegabytes }) =>
    [name, wallSeconds.toFixed(3), cpuSeconds.toFixed(3), peakMegabytes.toFixed(0)].join(' | '),
  )
  const reached = goals.map(
    ({ goal, reached, met }) => `- ${met ? 'reached' : '**missed**'}: ${goal}: ${reached}`,
  )
  return [
    `## ${question.replace(` (${machine()})`, '')}`,
    '',
    origin,
    '',
    '| what | wall s | CPU s | peak MB |',
    '|---|--:|--:|--:|',
    ...figures.map((row) => `| ${row} |`),
    '',
    ...reached,
  ]
    .join('\n')
    .trim()
}
