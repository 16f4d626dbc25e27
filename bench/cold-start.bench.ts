/**
 * Question: how long does somebody wait who only looks? Reading commands started cold, as the built
 * package and as a checkout runs them. Yardsticks: `node -e 0`, below which no program of ours can
 * come, and `git status` and `git log -1` where the same files are committed. To reach: 150 ms of
 * wall time on a quiet machine for `list repo` and `status`; on a busy one read the CPU.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { inScratch } from './dataset.ts'
import {
  inTurns,
  machine,
  report,
  runCommand,
  scaled,
  smoke,
  type Contender,
  type Measurement,
} from './harness.ts'
import { makeProject, numbered, putFiles, varveCommand } from './project.ts'

const count = scaled(2000)
/** Starts measured as one: a clock of hundredths is too coarse for a single one. */
const starts = smoke ? 1 : 10
const limitMs = 150

const files = numbered(count).map((name, i) => [`${i % 20}/${name}`, Buffer.from(name)] as const)
const checkout = [process.execPath, resolve(import.meta.dirname, '../scripts/bootstrap.cjs'), 'cli']
const looks = [
  ['list', 'repo'],
  ['status'],
  ['list', 'file', 'data@master'],
  ['log', 'data@master'],
]

await inScratch(async (scratch) => {
  const [project, repository] = [join(scratch, 'varve'), join(scratch, 'git')]
  await makeDataProject(project)
  makeRepository(repository)
  const found = await inTurns([
    started('node -e 0', [process.execPath, '-e', '0'], scratch),
    started('git status', ['git', 'status'], repository),
    started('git log -1', ['git', 'log', '-1'], repository),
    ...looks.map((words) => started(`varve ${words.join(' ')}`, varveCommand(words), project)),
    started('./varve list repo', [...checkout, 'list', 'repo'], project),
  ])
  const goalOf = (name: string) => {
    const ms = (found.get(name)?.wallSeconds ?? Number.NaN) * 1000
    return {
      goal: `${name} <= ${limitMs} ms`,
      reached: `${ms.toFixed(0)} ms`,
      met: ms <= limitMs,
    }
  }
  report({
    question: `a cold start, ${count} files in the store (${machine()})`,
    rows: [...found].map(([name, measured]) => ({ name, ...measured })),
    goals: ['varve list repo', 'varve status', './varve list repo'].map(goalOf),
  })
})

async function makeDataProject(project: string): Promise<void> {
  const pipelines = ['small', 'grey', 'scored'].map((name) => ({
    pipeline: { name },
    input: { pfs: { repo: 'data', glob: '/*/*' } },
    transform: { cmd: ['/bin/sh', '-c', 'cp /pfs/data/* /pfs/out/'] },
  }))
  await makeProject(project, { repos: ['data'], pipelines })
  await putFiles(project, 'data', files)
}

function makeRepository(folder: string): void {
  for (const [path, bytes] of files) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, bytes)
  }
  const author = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org']
  for (const words of [
    ['init', '-q'],
    ['add', '.'],
    [...author, 'commit', '-qm', 'files'],
  ]) {
    runCommand(['git', ...words], { cwd: folder })
  }
}

/** One start of a command, measured over several; those before the first round fill the caches. */
function started(name: string, argv: readonly string[], cwd: string): Contender {
  const again = 'for start in $(seq "$0"); do "$@" > /dev/null || exit; done'
  const run = (times: number): Measurement =>
    runCommand(['/bin/sh', '-c', again, String(times), ...argv], { cwd })
  run(2)
  return {
    name,
    run: () => {
      const { wallSeconds, cpuSeconds, peakMegabytes } = run(starts)
      return {
        wallSeconds: wallSeconds / starts,
        cpuSeconds: cpuSeconds / starts,
        peakMegabytes,
      }
    },
  }
}
