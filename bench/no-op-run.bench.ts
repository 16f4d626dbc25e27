/**
 * Question: what does a `varve run` cost that has nothing to do, at 100,000 datums? Cold process.
 * Yardstick: `make` over as many targets that are up to date. To reach: 0.3 s.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inScratch } from './dataset.ts'
import { inTurns, machine, report, runCommand, scaled } from './harness.ts'
import { makeProject, numbered, putFiles, varve } from './project.ts'

const count = scaled(100_000)
const names = numbered(count)

await inScratch(async (scratch) => {
  const project = join(scratch, 'project')
  const input = { pfs: { repo: 'in', glob: '/*' } }
  const pipelines = [{ pipeline: { name: 'copies' }, input, transform: { operator: 'copy' } }]
  await makeProject(project, { repos: ['in'], pipelines })
  await putFiles(
    project,
    'in',
    names.map((name) => [name, Buffer.from(name)]),
  )
  varve(project, ['run'])
  const makefile = join(scratch, 'make')
  upToDate(makefile)
  const found = await inTurns([
    { name: `varve run, ${count} datums`, run: () => varve(project, ['run']) },
    { name: 'varve version', run: () => varve(project, ['version']) },
    { name: 'varve status', run: () => varve(project, ['status']) },
    { name: `make, ${count} targets`, run: () => runCommand(['make', '-s'], { cwd: makefile }) },
  ])
  const [run = Number.NaN, version = Number.NaN, status = Number.NaN] = [...found.values()].map(
    (it) => it.wallSeconds,
  )
  report({
    question: `A run with nothing to do (${machine()})`,
    rows: [...found].map(([name, measured]) => ({ name, ...measured })),
    goals: [
      { goal: 'varve run <= 0.3 s', reached: `${run.toFixed(3)} s`, met: run <= 0.3 },
      { goal: 'varve version <= 0.15 s', reached: `${version.toFixed(3)} s`, met: version <= 0.15 },
      { goal: 'varve status <= 0.15 s', reached: `${status.toFixed(3)} s`, met: status <= 0.15 },
    ],
  })
})

function upToDate(folder: string): void {
  mkdirSync(join(folder, 'in'), { recursive: true })
  mkdirSync(join(folder, 'out'))
  for (const name of names) writeFileSync(join(folder, 'in', name), name)
  for (const name of names) writeFileSync(join(folder, 'out', name), name)
  const rules = `out/%: in/%\n\tcp $< $@\n`
  writeFileSync(
    join(folder, 'Makefile'),
    `all: ${names.map((name) => `out/${name}`).join(' ')}\n${rules}`,
  )
}
