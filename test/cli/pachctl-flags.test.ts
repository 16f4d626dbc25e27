import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CliRig, copyPipeline } from './cli.fixture.ts'

/** Flags as scripts for pachctl spell and place them. */
const rig = new CliRig()
let first = ''

beforeAll(async () => {
  await rig.must(['init'])
  writeFileSync(join(rig.folder, 'a.txt'), 'a')
  writeFileSync(join(rig.folder, 'b.txt'), 'b')
  await rig.must(['create', 'repo', 'data'])
  await rig.must(['put', 'file', '-f', 'a.txt', 'data@master'])
  first = await headOf('data@master')
}, 120_000)

afterAll(() => rig.dispose())

async function headOf(branch: string): Promise<string> {
  return ((await rig.json(['inspect', 'commit', branch])) as { id: string }).id
}

function documents(text: string): Record<string, unknown>[] {
  return JSON.parse(`[${text.replaceAll(/^\}\n\{/gm, '},{')}]`) as Record<string, unknown>[]
}

test('an option takes one word, so that a name may stand behind it', async () => {
  await rig.must(['put', 'file', '-f', 'a.txt', 'data@master'])
  await rig.must(['create', 'repo', 'made'])
  await rig.must(['create', 'branch', '-p', 'data@master', 'made@out'])
  const [branch] = documents(await rig.must(['inspect', 'branch', 'made@out', '--raw']))
  expect(branch?.['directProvenance']).toMatchObject([{ repo: { name: 'data' }, name: 'master' }])
})

test('put file takes the words a shell makes of -f *.txt, and no word without -f', async () => {
  await rig.must(['put', 'file', 'data@wild', '-f', 'a.txt', 'b.txt'])
  expect(await rig.must(['list', 'file', 'data@wild'])).toMatch(/a\.txt[^]*b\.txt/)
  const { code, stderr } = await rig.call(['put', 'file', 'data@wild', 'a.txt'])
  expect(code).toBe(2)
  expect(stderr).toContain('-f a.txt')
})

test('put file --split is refused by name, with what to do instead', async () => {
  const { code, stderr } = await rig.call(['put', 'file', 'data@master:/s', '--split', 'line'])
  expect(code).not.toBe(0)
  expect(stderr).toContain('--split')
  expect(stderr).toContain('NOT_SUPPORTED')
})

test('switches take =true and =false, and options of the connection ask for nothing', async () => {
  const line = ['get', 'file', 'data@master:/a.txt', '--retry=true', '--progress=false']
  expect(await rig.must([...line, '-v', '--rpc-timeout', '10s'])).toBe('a')
  const raw = await rig.must(['inspect', 'repo', 'data', '--raw=true', '--verbose'])
  expect(JSON.parse(raw)).toMatchObject({ repo: { name: 'data' } })
})

test('list commit shows a set by its id, all commits for -n 0, and origins in either case', async () => {
  const set = documents(await rig.must(['list', 'commit', first, '--raw']))
  expect(set).toMatchObject([{ commit: { id: first, repo: { name: 'data' } } }])
  const all = documents(await rig.must(['list', 'commit', 'data@master', '-n', '0', '--raw']))
  const mine = ['list', 'commit', 'data@master', '--origin', 'user', '--no-pager', '--raw']
  expect(documents(await rig.must(mine))).toHaveLength(all.length)
  expect((await rig.call(['list', 'commit', 'data', '--origin', 'mine'])).code).toBe(2)
})

test('pipelines come from stdin where no file is named, and go out as specs that create them', async () => {
  await rig.must(['create', 'pipeline'], { input: copyPipeline('copied', 'data') })
  const spec = await rig.must(['list', 'pipeline', 'copied', '-s'])
  expect(JSON.parse(spec)).toMatchObject({ pipeline: { name: 'copied' } })
  await rig.must(['validate', 'pipeline'], { input: spec })
  await rig.must(['update', 'pipeline'], { input: spec.replace('"copy"', '"copy", "params": {}') })
  const versions = async (...flags: string[]): Promise<unknown[]> =>
    documents(await rig.must(['list', 'pipeline', ...flags, '--raw'])).map(
      (each) => each['version'],
    )
  expect(await versions('--history', 'none')).toEqual(['2'])
  expect(await versions('--history', 'all')).toEqual(['2', '1'])
  expect(await versions('--state', 'paused', '--state', 'crashing')).toEqual([])
  expect(await versions('--state', 'paused', '--state', 'running')).toEqual(['2'])
})

test('list pipeline --commit shows the versions of that time', async () => {
  const [job] = documents(await rig.must(['list', 'job', '-p', 'copied', '--raw']))
  const before = ['list', 'pipeline', '-c', first, '--raw']
  expect(await rig.must(before)).toBe('')
  const { id } = (job?.['job'] ?? {}) as { id: string }
  const then = documents(await rig.must(['list', 'pipeline', '-c', id, '--raw']))
  expect(then).toMatchObject([{ version: job?.['pipelineVersion'] }])
})

test('list job joins repeated states, and wants every commit named with -i', async () => {
  await rig.must(['wait', 'commit', 'copied@master'])
  const head = await headOf('data@master')
  const count = async (...flags: string[]): Promise<number> =>
    documents(await rig.must(['list', 'job', ...flags, '--raw'])).length
  expect(await count('--state', 'JOB_FAILURE', '--state', 'success')).toBeGreaterThan(0)
  expect(await count('-i', `data@${head}`, '--state', 'success')).toBe(1)
  expect(await count('-i', `data@${head}`, '-i', `data@${first}`)).toBe(0)
})

const hasJsonnet = spawnSync('jsonnet', ['--version']).status === 0
const template = `function(name, src) {
  pipeline: { name: name }, input: { pfs: { repo: src, glob: '/*' } }, transform: { operator: 'copy' },
}`

if (!hasJsonnet && process.env['VARVE_REQUIRE_ALL'] === '1') {
  test('jsonnet is installed', () => expect.fail('the program "jsonnet" is missing'))
}

test.skipIf(!hasJsonnet)(
  'a jsonnet template makes pipelines from arguments [jsonnet]',
  async () => {
    writeFileSync(join(rig.folder, 't.jsonnet'), template)
    const args = ['--arg', 'name=rendered', '--arg', 'src=data']
    await rig.must(['create', 'pipeline', '--jsonnet', 't.jsonnet', ...args])
    await rig.must(['update', 'pipeline', '--jsonnet', '-', ...args], { input: template })
    const [made] = documents(await rig.must(['inspect', 'pipeline', 'rendered', '--raw']))
    expect(made).toMatchObject({ version: '2', details: { input: { pfs: { repo: 'data' } } } })
    const missing = await rig.call([
      'validate',
      'pipeline',
      '--jsonnet',
      't.jsonnet',
      ...args.slice(2),
    ])
    expect(missing).toMatchObject({ code: 2 })
    expect(missing.stderr).toMatch(/SPEC_INVALID|name/)
  },
)

test('without the program, --jsonnet says how to render elsewhere', async () => {
  const line = ['create', 'pipeline', '--jsonnet', 't.jsonnet', '--arg', 'name=x']
  const { code, stderr } = await rig.call(line, { env: { PATH: '/nowhere' } })
  expect(code).toBe(7)
  expect(stderr).toContain('jsonnet t.jsonnet --tla-str name=x | varve create pipeline -f -')
})

test('templates and specs exclude each other, and an argument has a value', async () => {
  const create = ['create', 'pipeline', '--jsonnet', 't.jsonnet']
  expect((await rig.call([...create, '-f', 'x.yaml'])).code).toBe(2)
  expect((await rig.call([...create, '--arg', 'name'])).stderr).toContain('--arg NAME=VALUE')
  expect((await rig.call(['create', 'pipeline', '--arg', 'name=x'])).code).toBe(2)
})

test('a dry run with --raw prints the specs in effect', async () => {
  const line = ['create', 'pipeline', '--dry-run', '--raw', '-o', 'yaml']
  const { parse } = await import('yaml')
  const spec: unknown = parse(await rig.must(line, { input: copyPipeline('planned', 'data') }))
  expect(spec).toMatchObject({
    pipeline: { name: 'planned', project: { name: 'default' } },
    datumTries: '3',
  })
  expect((await rig.call(['inspect', 'pipeline', 'planned'])).code).toBe(3)
})

test('edit pipeline opens JSON where it is asked for', async () => {
  const seen = await rig.must(['edit', 'pipeline', 'copied', '--editor', 'cat', '-o', 'json'])
  expect(seen).toMatch(/^\{\n {2}"pipeline": \{/)
  expect(
    (await rig.call(['edit', 'pipeline', 'copied', '--editor', 'true', '-o', 'xml'])).code,
  ).toBe(2)
})
