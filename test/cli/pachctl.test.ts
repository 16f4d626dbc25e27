import { afterAll, beforeAll, expect, test } from 'vitest'
import { CliRig, copyPipeline } from './cli.fixture.ts'

/** Scripts written for pachctl run with `alias pachctl=varve`: its words, its JSON. */
const rig = new CliRig()

beforeAll(async () => {
  await rig.must(['init'])
}, 120_000)

afterAll(() => rig.dispose())

test('start commit prints the id and nothing else, and the commit takes files until it is finished', async () => {
  await rig.must(['create', 'repo', 'data', '-d', 'numbers'])
  const id = (await rig.must(['start', 'commit', 'data@master', '-m', 'first'])).trim()
  expect(id).toMatch(/^[0-9a-f]{32}$/)
  await rig.must(['put', 'file', `data@${id}:/one`], { input: '1' })
  await rig.must(['put', 'file', 'data@master:/two', '-f', '-'], { input: '2' })
  await rig.must(['finish', 'commit', `data@${id}`])
  expect(await rig.must(['get', 'file', 'data@master:/two'])).toBe('2')
  const { code } = await rig.call(['put', 'file', `data@${id}:/three`], { input: '3' })
  expect(code).toBe(4)
})

test('--raw prints documents with the names and casing of the original', async () => {
  await rig.must(['create', 'pipeline', '-f', '-'], { input: copyPipeline('copied', 'data') })
  await rig.must(['wait', 'commit', 'copied@master'])
  const raw = async (...words: string[]): Promise<Record<string, unknown>> =>
    JSON.parse(await rig.must([...words, '--raw'])) as Record<string, unknown>
  const repo = await raw('inspect', 'repo', 'data')
  expect(repo).toMatchObject({
    repo: { name: 'data', type: 'user', project: { name: 'default' } },
    description: 'numbers',
    details: { sizeBytes: '2' },
  })
  const commit = await raw('inspect', 'commit', 'data@master')
  expect(commit).toMatchObject({ commit: { repo: { name: 'data' } }, origin: { kind: 'USER' } })
  const file = await raw('inspect', 'file', 'data@master:/one')
  expect(file).toMatchObject({ file: { path: '/one' }, fileType: 'FILE', sizeBytes: '1' })
  const pipeline = await raw('inspect', 'pipeline', 'copied')
  expect(pipeline).toMatchObject({
    pipeline: { name: 'copied', project: { name: 'default' } },
    version: '1',
    state: 'PIPELINE_RUNNING',
    details: { input: { pfs: { repo: 'data', glob: '/*' } } },
  })
  const job = await raw('list', 'job', '-p', 'copied')
  expect(job).toMatchObject({
    job: { pipeline: { name: 'copied' } },
    state: 'JOB_SUCCESS',
    dataProcessed: '2',
    dataTotal: '2',
  })
})

test('plural words are the same commands', async () => {
  for (const subject of ['repo', 'branch', 'commit', 'pipeline', 'job']) {
    const plural = subject === 'branch' ? 'branches' : `${subject}s`
    expect(await rig.json(['list', plural])).toEqual(await rig.json(['list', subject]))
  }
})

test('-o yaml is YAML', async () => {
  const { parse } = await import('yaml')
  const text = await rig.must(['inspect', 'repo', 'data', '--raw', '-o', 'yaml'])
  expect(parse(text)).toMatchObject({ repo: { name: 'data' } })
})

test('a transaction gathers changes and makes them at once', async () => {
  await rig.must(['start', 'transaction'])
  await rig.must(['create', 'repo', 'later'])
  await rig.must(['create', 'branch', 'later@dev'])
  expect((await rig.call(['inspect', 'repo', 'later'])).code).toBe(3)
  await rig.must(['finish', 'transaction'])
  expect(await rig.must(['list', 'branch', 'later'])).toContain('later@dev')
  expect(await rig.json(['list', 'transaction'])).toEqual([])
})

test('secrets are kept to their owner and never printed', async () => {
  const document = { metadata: { name: 'key' }, data: { token: btoa('hush') } }
  await rig.must(['create', 'secret', '-f', '-'], { input: JSON.stringify(document) })
  expect(await rig.must(['inspect', 'secret', 'key', '--json'])).not.toContain('hush')
  const bare = await rig.call(['create', 'secret', '-f', '-'], { input: 'name: bare\nKEY: hush' })
  expect(bare.stderr).toContain('it has neither stringData nor data')
  const { statSync } = await import('node:fs')
  expect(statSync(`${rig.folder}/.varve/secrets.json`).mode & 0o777).toBe(0o600)
})

test('commands a cluster needs are accepted and do nothing', async () => {
  const { code, stderr } = await rig.call(['auth', 'login', '--no-browser'])
  expect(code).toBe(0)
  expect(stderr).toContain('not needed')
})

test('options that mean something only to pachctl are taken, and are not in the help', async () => {
  const { version } = (await import('../../package.json', { with: { type: 'json' } })).default
  await rig.must(['put', 'file', 'data@master:/c', '-c', '-p', '4', '--progress'], { input: 'c' })
  expect(await rig.must(['get', 'file', 'data@master:/c', '--retry', '--progress'])).toBe('c')
  await rig.must(['list', 'job', '--no-pager', '-A', '-x'])
  await rig.must(['list', 'pipeline', '-A'])
  expect(await rig.must(['diff', 'file', 'data@master', '--no-pager'])).toContain('/c')
  await rig.must(['find', 'commit', 'data@master:/c', '--timeout', '30s'])
  await rig.must(['logs', '-p', 'copied', '-t', '3'])
  expect((await rig.must(['version', '--client-only'])).trim()).toBe(version)
  expect(await rig.must(['put', 'file', '--help'])).not.toContain('parallelism')
})

test('copy file takes source and target from projects of their own', async () => {
  await rig.must(['create', 'project', 'other'])
  await rig.must(['create', 'repo', 'data', '--project', 'other'])
  const projects = ['--src-project', 'default', '--dest-project', 'other']
  await rig.must(['copy', 'file', 'data@master:/c', 'data@master:/d', ...projects])
  expect(await rig.must(['get', 'file', 'other/data@master:/d'])).toBe('c')
})

test('times of a trigger that nobody can read are refused before a commit meets them', async () => {
  await rig.must(['create', 'repo', 'timed'])
  const words = ['create', 'branch', 'timed@stage', '--trigger', 'master']
  for (const option of ['--trigger-cron', '--trigger-rate-limit']) {
    const { code, stderr } = await rig.call([...words, option, 'now and then'])
    expect(code).toBe(2)
    expect(stderr).toContain('now and then')
  }
  await rig.must([...words, '--trigger-cron', '@daily'])
  await rig.must(['start', 'transaction'])
  const { code } = await rig.call([...words, '--trigger-cron', 'now and then'])
  expect(code).toBe(2)
})
