/**
 * Question: 100 files of a committed folder of 100,000 changed, and their names are known: what
 * does it cost to add and commit exactly these, by the command line, from a cold process?
 * Yardstick: `git add` of the same paths in a repository that has the same files committed (without
 * its commit). To reach: at most the time of git.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inScratch, randomBytes, writeDataset } from './dataset.ts'
import { inTurns, machine, report, runCommand, scaled, type Measurement } from './harness.ts'
import { varveCommand } from './project.ts'

const count = scaled(100_000)
const changed = 100
const itemBytes = 4096
const varve = varveCommand([])

function run(argv: readonly string[], cwd: string): void {
  const [command = '', ...rest] = argv
  execFileSync(command, rest, { cwd, stdio: 'pipe' })
}

await inScratch(async (project) => {
  // The project lies beside its data, so that both sides name the same paths from the same folder.
  const data = join(project, 'data')
  mkdirSync(data)
  const paths = writeDataset(data, count, itemBytes).map((path) => `data/${path}`)
  run([...varve, 'init'], project)
  run([...varve, 'create', 'repo', 'photos'], project)
  run([...varve, 'put', 'file', 'photos@master:data', '-r', '-f', 'data'], project)
  run(['git', 'init', '-q'], project)
  run(['git', 'add', 'data'], project)
  const author = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org']
  run(['git', ...author, 'commit', '-q', '-m', 'all'], project)

  const step = Math.max(1, Math.floor(count / changed))
  const some = paths.filter((_, i) => i % step === 0).slice(0, changed)
  let version = 0
  const change = (): void => {
    version++
    for (const path of some) {
      writeFileSync(join(project, path), randomBytes(itemBytes, `${path} ${version}`))
    }
  }

  const found = await inTurns([
    {
      name: 'varve put file',
      before: change,
      run: () =>
        runCommand([...varve, 'put', 'file', 'photos@master', '--full-path', '-f', ...some], {
          cwd: project,
        }),
    },
    {
      name: 'git add',
      before: change,
      run: () => runCommand(['git', 'add', ...some], { cwd: project }),
    },
    {
      name: 'varve --version (start of the process)',
      run: () => runCommand([...varve, '--version'], { cwd: project }),
    },
  ])
  const { wallSeconds: ours } = found.get('varve put file') as Measurement
  const { wallSeconds: git } = found.get('git add') as Measurement
  report({
    question: `Adding ${some.length} changed files of ${count} (${machine()})`,
    rows: [...found].map(([name, measured]) => ({ name, ...measured })),
    goals: [
      {
        goal: 'time of git add <= 1',
        reached: (ours / git).toFixed(2),
        met: ours <= git,
      },
    ],
  })
})
