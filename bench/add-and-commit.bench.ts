/**
 * Question: what does it cost to add a folder of 100,000 files of 4 KiB and commit it, by the
 * command line, from a cold process into an empty store? Yardsticks: `restic backup` into an empty
 * repository (no compression: random bytes), `git add` into an empty one, and the floor: one pass
 * over the same files by `tar` and one by `sha256sum`. To reach: CPU at most 0.7 of restic, and at
 * most twice the floor. All sides find the files in the system's cache.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inScratch, writeDataset } from './dataset.ts'
import { inTurns, machine, report, runCommand, scaled, type Measurement } from './harness.ts'
import { varveCommand } from './project.ts'

const count = scaled(100_000)
const itemBytes = 4096
const varve = varveCommand([])
const resticEnv = { RESTIC_PASSWORD: 'bench' }

function empty(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
}

function run(argv: readonly string[], cwd: string): void {
  const [command = '', ...rest] = argv
  execFileSync(command, rest, { cwd, env: { ...process.env, ...resticEnv }, stdio: 'pipe' })
}

await inScratch(async (scratch) => {
  const data = join(scratch, 'data')
  const store = join(scratch, 'store')
  writeDataset(data, count, itemBytes)
  writeFileSync(join(scratch, 'exclude'), '')

  const found = await inTurns([
    {
      name: 'varve put file -r',
      before: () => {
        empty(store)
        run([...varve, 'init'], store)
        run([...varve, 'create', 'repo', 'photos'], store)
      },
      run: () =>
        runCommand([...varve, 'put', 'file', 'photos@master', '-r', '-f', data], { cwd: store }),
    },
    {
      name: 'restic backup',
      before: () => {
        empty(store)
        run(['restic', '-r', store, 'init', '--repository-version', '1'], scratch)
      },
      run: () =>
        runCommand(['restic', '-r', store, '--no-cache', 'backup', data], { env: resticEnv }),
    },
    {
      name: 'git add',
      before: () => {
        rmSync(join(data, '.git'), { recursive: true, force: true })
        run(['git', 'init', '-q'], data)
      },
      run: () => runCommand(['git', 'add', '.'], { cwd: data }),
    },
    {
      name: 'tar to a file (half of the floor)',
      before: () => rmSync(join(data, '.git'), { recursive: true, force: true }),
      run: () => runCommand(['tar', 'cf', join(scratch, 'all.tar'), '-C', data, '.']),
    },
    {
      name: 'sha256sum of all (half of the floor)',
      run: () =>
        runCommand(['sh', '-c', 'find . -type f -print0 | xargs -0 sha256sum > ../sums'], {
          cwd: data,
        }),
    },
  ])

  const cpu = (name: string): number => (found.get(name) as Measurement).cpuSeconds
  const ours = cpu('varve put file -r')
  const floor =
    cpu('tar to a file (half of the floor)') + cpu('sha256sum of all (half of the floor)')
  const ratio = (goal: string, value: number, limit: number) => ({
    goal: `${goal} <= ${limit}`,
    reached: value.toFixed(2),
    met: value <= limit,
  })
  report({
    question: `Adding and committing ${count} files of ${itemBytes} bytes (${machine()})`,
    rows: [...found].map(([name, measured]) => ({ name, ...measured })),
    goals: [
      ratio('CPU of restic', ours / cpu('restic backup'), 0.7),
      ratio('CPU of the floor', ours / floor, 2),
      ratio('CPU of git add', ours / cpu('git add'), 1),
    ],
  })
})
