import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTestJobs, shellSpec, upperSpec, type TestJobs } from './jobs.fixture.ts'
import { collect } from '../repos/store.fixture.ts'

let t: TestJobs
beforeEach(async () => {
  t = await openTestJobs()
  await t.store.repos.create('texts')
})
afterEach(() => t.close())

describe('the contract a command runs under', () => {
  test('gives the variables of Pachyderm', async () => {
    await t.store.repos.create('other')
    await t.put('texts', { 'k1-a': 'one' })
    await t.put('other', { k1: 'x' })
    const input = {
      join: [
        { pfs: { repo: 'texts', glob: '/(*)-*', join_on: '$1' } },
        { pfs: { repo: 'other', name: 'more', glob: '/(*)', join_on: '$1' } },
      ],
    }
    await t.create(
      shellSpec('env', 'texts', ['env > /pfs/out/env'], {
        input,
        transform: { cmd: ['sh'], stdin: ['env > /pfs/out/env'], env: { MINE: 'yes' } },
      }),
    )
    const [job] = await t.run()
    expect(job?.state).toBe('success')
    const env = (await t.output('env'))['env'] ?? ''
    const head = (repo: string) => t.store.commits.inspect(`${repo}@master`).id
    for (const line of [
      'MINE=yes',
      `PACH_JOB_ID=${job?.id}`,
      `PACH_OUTPUT_COMMIT_ID=${job?.id}`,
      'PPS_PIPELINE_NAME=env',
      'PPS_PROJECT_NAME=default',
      `texts_COMMIT=${head('texts')}`,
      `more_COMMIT=${head('other')}`,
      'PACH_DATUM_texts_JOIN_ON=k1',
      'PACH_DATUM_more_JOIN_ON=k1',
    ]) {
      expect(env.split('\n')).toContain(line)
    }
    expect(env).toMatch(/^PACH_DATUM_ID=[0-9a-f]{64}$/m)
    expect(env).toMatch(/^texts=.*\/pfs\/texts\/k1-a$/m)
  })

  test('shows a shared directory to every datum and empty files without content', async () => {
    await t.store.repos.create('scripts')
    await t.put('scripts', { 'bin/run.sh': 'cat $texts | tr a-z A-Z' })
    await t.put('texts', { a: 'one', b: 'two' })
    const input = {
      cross: [{ pfs: { repo: 'texts', glob: '/*' } }, { pfs: { repo: 'scripts', glob: '/' } }],
    }
    const lines = ['sh /pfs/scripts/bin/run.sh > /pfs/out/$(basename $texts)']
    await t.create(shellSpec('all', 'texts', lines, { input }))
    expect(await t.run()).toMatchObject([{ state: 'success', counters: { processed: 2 } }])
    expect(await t.output('all')).toEqual({ a: 'ONE', b: 'TWO' })
  })

  test('keeps a command warm with datum_batching', async () => {
    await t.put('texts', { a: 'one', b: 'two', c: 'three' })
    const lines = [
      'echo start >> /tmp/starts',
      'while true; do',
      '  pachctl next datum || exit 0',
      '  . /pfs/.env',
      '  cp "$texts" /pfs/out/',
      'done',
    ]
    const spec = shellSpec('warm', 'texts', lines, { parallelism_spec: { constant: 1 } })
    await t.create({ ...spec, transform: { ...spec.transform, datum_batching: true } })
    const [job] = await t.run()
    expect(job).toMatchObject({ state: 'success', counters: { processed: 3 } })
    expect(await t.output('warm')).toEqual({ a: 'one', b: 'two', c: 'three' })
  })
})

describe('explaining', () => {
  test('tells a datum whose result the cache has from one that must run', async () => {
    await t.put('texts', { a: 'one' })
    await t.create(upperSpec('up', 'texts'))
    await t.run()
    await t.put('texts', { a: 'eins' })
    await t.run()
    await t.put('texts', { a: 'one', b: 'two' })
    const [plan] = await collect(t.jobs.plan())
    expect(plan).toMatchObject({ run: 2, cached: 1 })
    const actions = plan?.samples.map(({ paths, action }) => [...paths, action].join(' '))
    expect(actions?.sort()).toEqual(['/texts/a cached', '/texts/b run'])
  })

  test('says for a datum that ran and one that did not why that is so', async () => {
    await t.put('texts', { a: 'one', b: 'two' })
    await t.create(upperSpec('up', 'texts'))
    await t.run()
    await t.put('texts', { b: 'zwei' })
    const plans = await collect(t.jobs.plan())
    expect(plans).toMatchObject([{ kind: 'some', run: 1, skip: 1, remove: 0 }])
    expect(plans[0]?.samples).toMatchObject([
      { paths: ['/texts/b'], action: 'run', reason: { kind: 'input changed' } },
    ])
    await t.run()
    const datums = await collect(t.jobs.datums.list('up'))
    const [ran, kept] = [
      datums.find(({ state }) => state === 'success'),
      datums.find(({ state }) => state === 'skipped'),
    ]
    const why = async (id = '') => (await t.jobs.why.datum('up', id.slice(0, 10))).summary
    expect(await why(ran?.id)).toContain('because its input changed: /texts/b')
    expect(await why(kept?.id)).toContain('was skipped')
    expect((await t.jobs.why.job('up')).summary).toContain('because texts@master changed')
  })

  test('follows an output file to the inputs and the code that made it', async () => {
    await t.put('texts', { a: 'one' })
    await t.create(upperSpec('up', 'texts'))
    await t.run()
    const why = await t.jobs.why.file('up@master', '/a')
    expect(why.summary).toContain('was written by datum')
    expect(why.facts.join('\n')).toMatch(/input texts: texts@master:\/a/)
    expect(why.facts.join('\n')).toContain('code: operator upper {} (version 1')
    const user = await t.jobs.why.file('texts@master', 'a')
    expect(user.summary).toContain('put there by a user')
  })

  test('planning changes nothing', async () => {
    await t.put('texts', { a: 'one' })
    await t.create(upperSpec('up', 'texts'))
    const before = t.jobs.list()
    await collect(t.jobs.plan())
    expect(t.jobs.list()).toEqual(before)
    expect(t.calls.count).toBe(0)
  })
})
