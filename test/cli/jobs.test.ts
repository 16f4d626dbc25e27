import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CliRig } from './cli.fixture.ts'

const rig = new CliRig()
const spec = (name: string, repo: string, script: string): string => `
pipeline: { name: ${name} }
input: { pfs: { repo: ${repo}, glob: '/*' } }
transform: { cmd: [sh], stdin: ['echo ${script}', 'cp /pfs/${repo}/* /pfs/out/'] }
`

interface Job {
  readonly id: string
  readonly state: string
}

const jobs = async (pipeline: string): Promise<readonly Job[]> =>
  (await rig.json(['list', 'job', '-p', pipeline])) as readonly Job[]

async function update(...specs: readonly string[]): Promise<void> {
  writeFileSync(join(rig.folder, 'specs.yaml'), specs.join('---'))
  await rig.must(['update', 'pipeline', '-f', 'specs.yaml'])
}

beforeAll(async () => {
  await rig.must(['init'])
  await rig.must(['create', 'repo', 'a'])
  await rig.must(['put', 'file', 'a@master:x'], { input: 'x' })
  await update(spec('first', 'a', 'one'), spec('second', 'first', 'two'))
}, 120_000)

afterAll(() => rig.dispose())

test('jobs given up for an update are told of, and are no failures', async () => {
  await update(spec('first', 'a', 'three'))
  const ended = await rig.call(['run', '--no-apply'])
  expect(ended.stderr).toMatch(/unrunnable second/)
  expect(ended.stdout).toMatch(
    /^Done: 2 jobs, 2 datums processed, 0 skipped, in \S+\. 1 job of before an update was given up\.\n$/,
  )
  expect(ended.code).toBe(0)
})

test('a job that failed is counted among those that ran', async () => {
  writeFileSync(
    join(rig.folder, 'bad.yaml'),
    `
pipeline: { name: bad }
input: { pfs: { repo: a, glob: '/*' } }
transform: { cmd: ['false'] }
datum_tries: 1
`,
  )
  await rig.must(['create', 'pipeline', '-f', 'bad.yaml'])
  const ended = await rig.call(['run', '--no-apply'])
  expect(ended.code).toBe(1)
  expect(ended.stdout).toContain('1 of 1 job did not succeed: 0 datums processed, 0 skipped, in ')
  expect(ended.stdout).toMatch(/Next: varve logs -j bad@[0-9a-f]{32}/)
  expect(await rig.must(['status'])).toContain('`varve why bad` says why')
  expect((await rig.call(['wait', 'job', 'bad'])).stdout).toContain('failure')
})

test('of many datums that fail the first few are told one by one', async () => {
  await rig.must(['create', 'repo', 'many'])
  const files = Array.from({ length: 8 }, (_, at) => `many-${at}`)
  for (const name of files) writeFileSync(join(rig.folder, name), name)
  await rig.must(['put', 'file', 'many@master', '-f', ...files])
  writeFileSync(
    join(rig.folder, 'all-bad.yaml'),
    `
pipeline: { name: all-bad }
input: { pfs: { repo: many, glob: '/*' } }
transform: { cmd: ['false'] }
datum_tries: 1
`,
  )
  await rig.must(['create', 'pipeline', '-f', 'all-bad.yaml'])
  const { stderr } = await rig.call(['run', '--no-apply'])
  expect(stderr.match(/all-bad datum [0-9a-f]{12}: /g)).toHaveLength(5)
  expect(stderr).toContain('more datums fail; `varve list datum all-bad --state failed` lists them')
  expect(stderr).toContain('8 failed')
  expect(await rig.json(['list', 'datum', 'all-bad', '--state', 'failed'])).toHaveLength(8)
  await rig.must(['delete', 'pipeline', 'all-bad'])
})

test('logs --since leaves out what ended before', async () => {
  expect(await rig.must(['logs', '-p', 'second', '--since', '24h'])).toContain('two')
  const none = await rig.call(['logs', '-p', 'second', '--since', '1ms'])
  expect(none).toMatchObject({ code: 0, stdout: '', stderr: 'No output was recorded.\n' })
  const wrong = await rig.call(['logs', '-p', 'second', '--since', 'yesterday'])
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toContain('90s, 30m, 24h or 1h30m')
})

test('the raw form of a job has the details pachctl gives: its spec and the commits it reads', async () => {
  const raw = JSON.parse(await rig.must(['inspect', 'job', 'second', '--raw'])) as {
    details: { transform: unknown; input: { pfs: unknown }; datumTries: string }
  }
  const [first] = await jobs('first')
  expect(raw.details).toMatchObject({
    transform: { cmd: ['sh'], stdin: ['echo two', 'cp /pfs/first/* /pfs/out/'] },
    input: { pfs: { repo: 'first', branch: 'master', glob: '/*', commit: first?.id } },
    datumTries: '3',
    outputBranch: 'master',
  })
})

test('a deleted job is forgotten, its commit stays, and the next job runs from an earlier base', async () => {
  const [job] = await jobs('second')
  const name = `second@${job?.id}`
  expect(await rig.must(['delete', 'job', name, '--dry-run'])).toContain(name)
  await rig.must(['delete', 'job', name])
  expect((await rig.call(['inspect', 'job', name])).code).toBe(3)
  expect(await rig.must(['get', 'file', `${name}:x`])).toBe('x')
  expect(await rig.must(['why', `${name}:x`])).toContain('of a job that was deleted')
  await rig.must(['put', 'file', 'a@master:y'], { input: 'y' })
  expect((await rig.call(['run', '--no-apply'])).stderr).toMatch(/success +second/)
  expect(await rig.must(['get', 'file', 'second@master:y'])).toBe('y')
  expect((await rig.call(['fsck'])).code).toBe(0)
})

test('`inspect datum` takes a path that the datum reads, as `why` does, besides ids', async () => {
  const [datum] = (await rig.json(['list', 'datum', 'first'])) as readonly { readonly id: string }[]
  const inspected = await rig.json(['inspect', 'datum', 'first', '/a/x'])
  expect(inspected).toMatchObject({ id: datum?.id })
  expect(await rig.json(['inspect', 'datum', 'first', datum?.id.slice(0, 8) ?? ''])).toEqual(
    inspected,
  )
  const { code, stderr } = await rig.call(['inspect', 'datum', 'first', '/a/none'])
  expect(code).toBe(3)
  expect(stderr).toMatch(/next: Run `varve list datum first@[0-9a-f]{32}`\./)
})
