/**
 * Question: what do 2,000 command datums cost beside the commands themselves? End to end: a cold
 * `varve run` that plans, runs and commits. Yardstick: `make -j` with as many jobs as cores running
 * the same command. To reach: 1.5 times that with plain processes, what isolation adds shown apart.
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { inScratch } from './dataset.ts'
import { inTurns, machine, report, runCommand, scaled, type Contender } from './harness.ts'
import { makeProject, numbered, putFiles, varve } from './project.ts'

const count = scaled(2000)
const isolatedCount = scaled(400)
const names = numbered(count)
const input = (name: string): Buffer => Buffer.from(`a line of input ${name}\n`)

await inScratch(async (scratch) => {
  await prepare(join(scratch, 'all'), names)
  await prepare(join(scratch, 'some'), names.slice(0, isolatedCount))
  const found = await inTurns([
    made(join(scratch, 'make')),
    ran(scratch, 'all', 'plain'),
    ran(scratch, 'some', 'plain'),
    ran(scratch, 'some', 'bwrap'),
  ])
  const [make, plain, somePlain, someIsolated] = [...found.values()].map((it) => it.wallSeconds)
  const ratio = (plain ?? Number.NaN) / (make ?? Number.NaN)
  const isolation = ((someIsolated ?? 0) - (somePlain ?? 0)) / isolatedCount
  report({
    question: `${count} commands (${machine()})`,
    rows: [...found].map(([name, measured]) => ({ name, ...measured })),
    goals: [
      { goal: 'plain / make <= 1.5', reached: ratio.toFixed(2), met: ratio <= 1.5 },
      {
        goal: 'isolation, for each command (no goal)',
        reached: `${(isolation * 1000).toFixed(1)} ms`,
        met: true,
      },
    ],
  })
})

async function prepare(project: string, paths: readonly string[]): Promise<void> {
  const cmd = ['/bin/sh', '-c', 'cat /pfs/in/* > "/pfs/out/$PACH_DATUM_ID"']
  const pipeline = { name: 'copies' }
  const transform = { cmd }
  const pipelines = [{ pipeline, input: { pfs: { repo: 'in', glob: '/*' } }, transform }]
  await makeProject(project, { repos: ['in'], pipelines })
  await putFiles(
    project,
    'in',
    paths.map((path) => [path, input(path)]),
  )
}

/** Every round runs a fresh copy of the project that has its input and no job yet. */
function ran(scratch: string, size: 'all' | 'some', mode: 'plain' | 'bwrap'): Contender {
  const project = join(scratch, `${size}-${mode}`)
  const commands = size === 'all' ? count : isolatedCount
  return {
    name: `varve run of ${commands} commands, ${mode}`,
    before: () => {
      rmSync(project, { recursive: true, force: true })
      cpSync(join(scratch, size), project, { recursive: true })
    },
    run: () => varve(project, ['run'], { VARVE_SANDBOX: mode }),
  }
}

function made(folder: string): Contender {
  return {
    name: `make -j${availableParallelism()} of ${count} commands`,
    before: () => {
      rmSync(folder, { recursive: true, force: true })
      const rules = names.map((name) => {
        mkdirSync(join(folder, name), { recursive: true })
        writeFileSync(join(folder, name, 'in'), input(name))
        return `${name}/out:\n\t@cd ${name} && /bin/sh -c 'cat in > out'\n`
      })
      const targets = names.map((name) => `${name}/out`).join(' ')
      writeFileSync(join(folder, 'Makefile'), `all: ${targets}\n${rules.join('')}`)
    },
    run: () => runCommand(['make', '-s', `-j${availableParallelism()}`, 'all'], { cwd: folder }),
  }
}
