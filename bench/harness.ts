/**
 * What every bench shares: run a thing several times in a process of its own, take medians, print
 * one table. A bench answers one question against a named yardstick measured in the same run, in
 * turns (A B A B ...), so that a drift of the machine hits both. CPU seconds are user + system of
 * the whole process tree; peak memory is that of the largest process.
 *
 *   node bench/<question>.bench.ts [--smoke | --rounds <n>]
 *
 * `--smoke` shrinks the sizes and runs once: it shows that the bench works, not how fast we are.
 */
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'

export const smoke = process.argv.includes('--smoke')
export const rounds = smoke ? 1 : roundsAsked()

/** `--rounds <n>`: fewer than the five a claim needs, for a look while working. */
function roundsAsked(): number {
  const at = process.argv.indexOf('--rounds')
  return at === -1 ? 5 : Number(process.argv[at + 1])
}

/** A size that a smoke run divides by 100. */
export function scaled(size: number): number {
  return smoke ? Math.max(10, Math.round(size / 100)) : size
}

export interface Measurement {
  readonly wallSeconds: number
  readonly cpuSeconds: number
  readonly peakMegabytes: number
}

export interface CommandOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

/** Runs a command to its end under GNU time; throws when it fails. */
export function runCommand(argv: readonly string[], options: CommandOptions = {}): Measurement {
  const directory = mkdtempSync(join(tmpdir(), 'varve-bench-time-'))
  const file = join(directory, 'time')
  try {
    const result = spawnSync('/usr/bin/time', ['-o', file, '-f', '%e %U %S %M', ...argv], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      input: options.input ?? '',
      stdio: ['pipe', 'pipe', 'pipe'],
      maxBuffer: 1 << 28,
    })
    if (result.status !== 0) {
      throw new Error(`${argv.join(' ')} exited with ${result.status}: ${String(result.stderr)}`)
    }
    const [wall = 0, user = 0, system = 0, peak = 0] = readFileSync(file, 'utf8')
      .trim()
      .split(/\s+/)
      .map(Number)
    return { wallSeconds: wall, cpuSeconds: user + system, peakMegabytes: peak / 1024 }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Measures a function inside this process: good for kernels; start-up is not part of it. */
export async function measure(task: () => unknown): Promise<Measurement> {
  const cpu = process.cpuUsage()
  const start = performance.now()
  await task()
  const wallSeconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const peakMegabytes = process.resourceUsage().maxRSS / 1024
  return { wallSeconds, cpuSeconds: (user + system) / 1e6, peakMegabytes }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

export interface Contender {
  readonly name: string
  /** Brings the world into the state the run starts from; not measured. */
  readonly before?: () => unknown
  readonly run: () => Measurement | Promise<Measurement>
}

/** Runs the contenders in turns and answers the median of each figure, by name. */
export async function inTurns(contenders: readonly Contender[]): Promise<Map<string, Measurement>> {
  const runs = new Map<string, Measurement[]>(contenders.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, before, run } of contenders) {
      await before?.()
      runs.get(name)?.push(await run())
    }
  }
  return new Map([...runs].map(([name, list]) => [name, medians(list)]))
}

function medians(runs: readonly Measurement[]): Measurement {
  return {
    wallSeconds: median(runs.map((run) => run.wallSeconds)),
    cpuSeconds: median(runs.map((run) => run.cpuSeconds)),
    peakMegabytes: median(runs.map((run) => run.peakMegabytes)),
  }
}

export interface Finding {
  readonly question: string
  /** Rows as measured, the yardstick named. */
  readonly rows: readonly (Measurement & { readonly name: string })[]
  /** Each goal of this question: what was reached beside what was asked. */
  readonly goals: readonly {
    readonly goal: string
    readonly reached: string
    readonly met: boolean
  }[]
}

/** Prints a finding, and appends it as JSON to `$VARVE_BENCH_OUT` for the table of the day. */
export function report(finding: Finding): void {
  const lines = [
    `\n${finding.question}${smoke ? ' (smoke run: figures mean nothing)' : ''}`,
    `  ${'what'.padEnd(44)} ${'wall s'.padStart(9)} ${'CPU s'.padStart(9)} ${'peak MB'.padStart(8)}`,
    ...finding.rows.map(
      (row) =>
        `  ${row.name.padEnd(44)} ${row.wallSeconds.toFixed(3).padStart(9)} ` +
        `${row.cpuSeconds.toFixed(3).padStart(9)} ${row.peakMegabytes.toFixed(0).padStart(8)}`,
    ),
    ...finding.goals.map(
      ({ goal, reached, met }) => `  ${met ? 'reached' : 'MISSED '}  ${goal}: ${reached}`,
    ),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  const out = process.env['VARVE_BENCH_OUT']
  if (out !== undefined) appendFileSync(out, `${JSON.stringify({ ...finding, smoke })}\n`)
}

/** The machine in one line, without its name. */
export function machine(): string {
  const model = cpus()[0]?.model ?? 'unknown processor'
  return `${cpus().length} x ${model}, Node ${process.version}, ${process.platform}`
}
