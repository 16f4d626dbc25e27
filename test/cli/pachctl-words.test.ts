import { afterAll, beforeAll, expect, test } from 'vitest'
import { CliRig, copyPipeline } from './cli.fixture.ts'

/** Words of pachctl that other tests of the command line do not come upon. */
const rig = new CliRig()

beforeAll(async () => {
  await rig.must(['init'])
  await rig.must(['create', 'repo', 'data'])
  await rig.must(['put', 'file', 'data@master:/one'], { input: 'one' })
  await rig.must(['create', 'pipeline'], { input: copyPipeline('copied', 'data') })
  await rig.must(['wait', 'commit', 'copied@master'])
}, 120_000)

afterAll(() => rig.dispose())

async function idOf(reference: string): Promise<string> {
  return ((await rig.json(['inspect', 'commit', reference])) as { id: string }).id
}

test('version --raw is the JSON of pachctl, and --client-only the number alone', async () => {
  const raw = JSON.parse(await rig.must(['version', '--raw', '--timeout', '5s'])) as object
  const { version } = (await import('../../package.json', { with: { type: 'json' } })).default
  expect(raw).toMatchObject({ major: expect.any(Number), minor: expect.any(Number) })
  expect(await rig.must(['version', '--client-only', '--raw'])).toBe(`${version}\n`)
})

test('transactions have --raw', async () => {
  await rig.must(['start', 'transaction'])
  await rig.must(['create', 'repo', 'later'])
  const raw = JSON.parse(await rig.must(['inspect', 'transaction', '--raw'])) as object
  expect(raw).toMatchObject({ requests: [{ createRepo: { repo: 'later' } }] })
  expect(JSON.parse(await rig.must(['list', 'transaction', '--raw']))).toEqual(raw)
  await rig.must(['delete', 'transaction'])
})

test('config takes what a context of a cluster needs, and knows no context but local', async () => {
  await rig.must(['config', 'set', 'context', 'local', '--overwrite'], { input: '{}' })
  await rig.must(['config', 'update', 'context', '--pachd-address', 'grpc://localhost:30650'])
  expect(await rig.must(['config', 'get', 'metrics'])).toBe('false\n')
  for (const verb of ['set', 'delete']) {
    const { stderr } = await rig.call(['config', verb, 'context', 'mine'])
    expect(stderr).toContain('There is no context "mine"')
  }
})

test('words of a cluster are accepted below verbs too, and are not in the help', async () => {
  for (const line of [['inspect', 'cluster', '--raw'], ['restart', 'cluster'], ['buildinfo']]) {
    expect((await rig.call(line)).stderr).toContain('not needed')
  }
  expect(await rig.must(['inspect', '--help'])).not.toContain('cluster')
})

test('a verb with another name here is told of', async () => {
  const { code, stderr } = await rig.call(['garbage-collect'])
  expect(code).toBe(2)
  expect(stderr).toContain('`varve gc`')
})

test('logs take --master and --worker and say what they are here', async () => {
  const { code, stderr } = await rig.call(['logs', '-p', 'copied', '--master'])
  expect(code).toBe(0)
  expect(stderr).toContain('no master')
})

test('fsck --zombie looks for files no datum wrote', async () => {
  expect(await rig.json(['fsck', '--zombie', 'copied@master'])).toEqual({
    commits: 1,
    files: 1,
    zombies: [],
  })
  expect(await rig.must(['fsck', '--zombie-all'])).toContain('1 file')
  expect((await rig.call(['fsck', '--zombie', 'none@master'])).code).toBe(3)
})

test('options that cannot be had are refused by name', async () => {
  const lines = [
    ['diff', 'file', 'data@master', '--diff-command', 'diff'],
    ['draw', 'pipeline', '-c', 'x'],
    ['completion', 'bash', '--install'],
  ]
  for (const line of lines) {
    const { code, stderr } = await rig.call(line)
    expect(code).toBe(2)
    expect(stderr).toMatch(/error: --\S+: .* \[NOT_SUPPORTED\]\n *next: /)
  }
})

test('defaults of pipelines are none, and cannot be made', async () => {
  expect(await rig.json(['inspect', 'defaults', '--cluster'])).toEqual({})
  await rig.must(['delete', 'defaults', '--project', 'default'])
  for (const verb of ['create', 'update']) {
    const { code, stderr } = await rig.call([verb, 'defaults', '--cluster', '-f', 'x.json'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/NOT_SUPPORTED.*\n *next: .*jsonnet/)
  }
})

test('lists keep to a project, that of the context too, and -A shows all', async () => {
  await rig.must(['create', 'project', 'other'])
  await rig.must(['create', 'repo', 'else', '--project', 'other'])
  await rig.must(['put', 'file', 'else@master:/x', '--project', 'other'], { input: 'x' })
  const count = async (...words: string[]): Promise<number> =>
    ((await rig.json(['list', ...words])) as unknown[]).length
  expect(await count('commit', '--project', 'other')).toBe(1)
  expect(await count('job', '--project', 'other')).toBe(0)
  await rig.must(['config', 'update', 'context', '--project', 'other'])
  expect(await count('pipeline')).toBe(0)
  for (const noun of ['pipeline', 'job']) expect(await count(noun, '-A')).toBe(1)
  expect(await count('job', '-p', 'default/copied')).toBe(1)
  expect(await count('repo', '-A')).toBe(3)
  await rig.must(['config', 'update', 'context', '--project', 'default'])
  await rig.must(['delete', 'project', 'other', '--force'])
})

test('get file starts at an offset when it writes to disk too', async () => {
  await rig.must(['get', 'file', 'data@master:/one', '--offset', '1', '-o', 'part'])
  const { readFileSync } = await import('node:fs')
  expect(readFileSync(`${rig.folder}/part`, 'utf8')).toBe('ne')
})

test('subscribe prints YAML documents, and only finished commits', async () => {
  expect((await rig.call(['subscribe', 'commit', 'data@master', '--state', 'started'])).code).toBe(
    2,
  )
  const child = rig.start(['subscribe', 'commit', 'data@master', '--raw', '-o', 'yaml'])
  const text = await new Promise<string>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => resolve(chunk.toString()))
  })
  child.kill('SIGINT')
  const { parse } = await import('yaml')
  expect(parse(text)).toMatchObject({ commit: { repo: { name: 'data' } } })
})

test('delete commit with an id removes its whole set, and nothing that others were made from', async () => {
  const first = await idOf('data@master')
  await rig.must(['put', 'file', 'data@master:/two'], { input: 'two' })
  await rig.must(['wait', 'commit', 'copied@master'])
  const second = await idOf('data@master')
  expect((await rig.call(['delete', 'commit', first])).code).toBe(4)
  const { deleted } = (await rig.json(['delete', 'commit', second])) as { deleted: unknown[] }
  expect(deleted).toHaveLength(2)
  expect(await idOf('data@master')).toBe(first)
  expect(await rig.must(['list', 'file', 'copied@master'])).not.toContain('two')
})

test('delete all asks, and a script answers on stdin', async () => {
  const no = await rig.call(['delete', 'all'], { input: 'n\n' })
  expect(no.code).toBe(2)
  expect(no.stderr).toContain('Go on?')
  expect(await rig.json(['list', 'repo'])).toHaveLength(2)
  await rig.must(['delete', 'all'], { input: 'y\ny\ny\n' })
  expect(await rig.json(['list', 'repo'])).toEqual([])
})
