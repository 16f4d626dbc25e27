import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { collect } from '../repos/store.fixture.ts'
import { openTestJobs, shellSpec, type TestJobs } from './jobs.fixture.ts'

let t: TestJobs
beforeEach(async () => {
  t = await openTestJobs()
  await t.store.repos.create('left')
  await t.store.repos.create('right')
})
afterEach(() => t.close())

const pfs = (repo: string, more: object = {}) => ({ pfs: { repo, glob: '/(*)-*', ...more } })
const list = [
  'o=/pfs/out/$PACH_DATUM_ID; for i in left right; do',
  'if [ -d /pfs/$i ]; then cd /pfs/$i; for f in *; do echo "$i $f $(cat $f)" >> $o; done; fi; done',
]

const inputs = {
  join: { join: [pfs('left', { join_on: '$1' }), pfs('right', { join_on: '$1' })] },
  'outer join': {
    join: [pfs('left', { join_on: '$1', outer_join: true }), pfs('right', { join_on: '$1' })],
  },
  cross: { cross: [pfs('left'), pfs('right')] },
  group: { group: [pfs('left', { group_by: '$1' }), pfs('right', { group_by: '$1' })] },
  union: { union: [pfs('left'), pfs('right')] },
}

describe('a job that plans from the difference gives what a job from nothing gives', () => {
  test.each(Object.entries(inputs))('for %s', async (_, input) => {
    await t.create(shellSpec('inc', 'left', list, { input }))
    const steps: [string, Record<string, string>, string[]][] = [
      ['left', { '1-a': 'a', '1-b': 'b', '2-a': 'c' }, []],
      ['right', { '1-x': 'x', '3-x': 'y' }, []],
      ['right', { '2-x': 'z', '1-x': 'changed' }, ['3-x']],
      ['left', { '3-a': 'd' }, ['1-a', '2-a']],
    ]
    let skipped = 0
    for (const [repo, files, gone] of steps) {
      await t.put(repo, files)
      if (gone.length > 0) await t.store.files.delete(`${repo}@master`, gone)
      for (const job of await t.run()) {
        expect(job.state).toBe('success')
        skipped += job.counters.skipped
        const { processed, total } = job.counters
        expect(processed + job.counters.skipped).toBe(total)
      }
    }
    expect(skipped).toBeGreaterThan(0)
    // Datum ids name repos and branches, not pipelines: an equal pipeline must agree in full.
    await t.create(shellSpec('full', 'left', list, { input, reprocess_spec: 'every_job' }))
    const [full] = await t.run()
    expect(full).toMatchObject({ state: 'success', counters: { skipped: 0, cached: 0 } })
    expect(await t.output('inc')).toEqual(await t.output('full'))
    expect(t.jobs.inspect('inc').counters.total).toBe(full?.counters.total)
  })
})

describe('a reference input', () => {
  test('does not make datums run by its content alone', async () => {
    const input = {
      cross: [
        { pfs: { repo: 'left', glob: '/*' } },
        { pfs: { repo: 'right', glob: '/', reference: true } },
      ],
    }
    await t.put('left', { a: 'one' })
    await t.put('right', { model: 'v1' })
    await t.create(shellSpec('p', 'left', ['cat $left /pfs/right/model > /pfs/out/a'], { input }))
    await t.run()
    await t.put('right', { model: 'v2' })
    expect(await t.run()).toMatchObject([{ counters: { processed: 0, skipped: 1 } }])
    await t.put('left', { a: 'two' })
    expect(await t.run()).toMatchObject([{ counters: { processed: 1 } }])
    expect(await t.output('p')).toEqual({ a: 'twov2' })
  })

  test('is seen as it is now by a datum that is tried again for another reason', async () => {
    const input = {
      cross: [
        { pfs: { repo: 'left', glob: '/*' } },
        { pfs: { repo: 'right', glob: '/', reference: true } },
      ],
    }
    await t.put('left', { a: 'one', b: 'two' })
    await t.put('right', { model: 'v1' })
    // Datum b recovers, and so is tried again in every job, until the model has a line of its own.
    const lines = ['[ $(basename $left) = a ] || grep -q v2 /pfs/right/model || exit 1']
    const spec = shellSpec(
      'p',
      'left',
      [...lines, 'cat /pfs/right/model > /pfs/out/$(basename $left)'],
      {
        input,
        datum_tries: 1,
      },
    )
    await t.create({ ...spec, transform: { ...spec.transform, err_cmd: ['true'] } })
    expect(await t.run()).toMatchObject([{ counters: { processed: 1, recovered: 1 } }])
    await t.put('right', { model: 'v2', more: 'lines' })
    expect(await t.run()).toMatchObject([{ counters: { processed: 1, skipped: 1 } }])
    expect(await t.output('p')).toEqual({ a: 'v1', b: 'v2' })
    const datums = await collect(t.jobs.datums.list('p', { states: ['success'] }))
    const seen = datums[0]?.inputs.find(({ name }) => name === 'right')
    expect(seen).toMatchObject({ directory: true, size: 'v2lines'.length })
  })
})
