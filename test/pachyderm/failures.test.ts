import { beforeEach, describe, expect, test } from 'vitest'
import type { JobInfo } from '../../src/index.ts'
import { openRig, shell, ShellRig, type Rig } from '../rig.ts'

let rig: Rig
beforeEach(async () => {
  rig = await openRig()
})

const once = { datum_tries: 1 }

test('5: a command that cannot run fails the job, and the reason names the datum', async () => {
  await rig.repos({ data: { file: 'foo\n' } })
  const spec = shell('bad', 'data', [], { transform: { cmd: ['no-such-program'] }, ...once })
  await rig.create(spec)
  const job = await rig.runOne()
  const [datum] = await rig.datums('bad')
  expect(job.state).toBe('failure')
  expect(job.reason).toContain(`datum ${datum?.id ?? '?'} failed`)
  expect(job.reason).toContain('no-such-program')
})

test('6: below a failed pipeline all are UNRUNNABLE and name it; the next good commit heals', async () => {
  const shellRig = new ShellRig()
  const copy = (repo: string): string[] => [`cp /pfs/${repo}/* /pfs/out/`]
  shellRig.write({
    'pipelines.json': [
      shell('first', 'data', ['[ -e /pfs/data/good ] && cp /pfs/data/* /pfs/out/'], once),
      shell('second', 'first', copy('first')),
      shell('third', 'second', copy('second')),
      shell('sibling', 'data', copy('data')),
    ]
      .map((spec) => JSON.stringify(spec))
      .join('\n'),
  })
  const output = await shellRig.sh(`
    pachctl create repo data
    pachctl create pipeline -f pipelines.json
    varve run > /dev/null
    echo foo | pachctl put file data@master:/bad
    varve run > /dev/null || echo "varve run ends with $?"
    for pipeline in first second third sibling; do
      pachctl list job -p $pipeline --raw > jobs
      echo $pipeline $(field .state < jobs | head -n 1) $(field .reason < jobs | head -n 1)
    done
    commit=$(pachctl start commit data@master)
    pachctl delete file data@$commit:/bad
    echo foo | pachctl put file data@$commit:/good
    pachctl finish commit data@$commit
    pachctl wait commit $commit > /dev/null
    pachctl inspect job third@$commit --raw | field .state
  `)
  const unrunnable = 'JOB_UNRUNNABLE unrunnable because the following upstream pipelines failed:'
  const lines = output.trim().split('\n')
  expect(lines[0]).toMatch(/^varve run ends with [1-9]/)
  expect(lines[1]).toMatch(/^first JOB_FAILURE .*datum [0-9a-f]{64} failed/)
  expect(lines.slice(2)).toEqual([
    `second ${unrunnable} first`,
    `third ${unrunnable} second`,
    'sibling JOB_SUCCESS null',
    'JOB_SUCCESS',
  ])
})

test('7: err_cmd recovers datums; the job succeeds when none failed; the next job tries them', async () => {
  const spec = (errLines: string[]): object =>
    shell('p', 'data', ['[ -e /pfs/data/file1 ] || exit 1', 'cp /pfs/data/* /pfs/out/'], {
      transform: { err_cmd: ['sh'], err_stdin: errLines },
      ...once,
    })
  await rig.repos({ data: { file1: 'foo\n', file2: 'bar\n', file3: 'bar\n' } })
  await rig.create(spec(['[ -e /pfs/data/file2 ] || exit 1']))
  expect(await rig.runOne()).toMatchObject({
    state: 'failure',
    counters: { processed: 1, skipped: 0, recovered: 1, failed: 1 },
  })
  await rig.update(spec(['true']))
  // The failed job was no base, so nothing is skipped; upstream pins the same numbers.
  expect(await rig.runOne()).toMatchObject({
    state: 'success',
    counters: { processed: 1, skipped: 0, recovered: 2, failed: 0 },
  })
  expect(await rig.files('p')).toEqual({ file1: 'foo\n' })
  await rig.put('data', { file4: 'bar\n' })
  expect((await rig.runOne()).counters).toMatchObject({ processed: 0, skipped: 1, recovered: 3 })
})

test('7: what a failed job did well is not done again: it counts as processed and as cached', async () => {
  // Upstream does it again and reports processed 1; here the count is the same and the work is not.
  await rig.repos({ data: { good: 'foo\n', wrong: 'bar\n' } })
  const lines = [
    '[ "$(cat $data)" = foo ] || exit 1',
    'cp $data /pfs/out/',
    'date +%N >> /pfs/out/$PACH_DATUM_ID',
  ]
  await rig.create(shell('p', 'data', lines, once))
  const failed = await rig.runOne()
  expect(failed).toMatchObject({ state: 'failure', counters: { processed: 1, failed: 1 } })
  const before = await rig.files(`p@${failed.id}`)
  await rig.put('data', { wrong: undefined })
  expect(await rig.runOne()).toMatchObject({
    state: 'success',
    counters: { processed: 1, cached: 1, skipped: 0 },
  })
  expect(await rig.files('p')).toEqual(before)
})

test('8: an exit code that is listed as accepted is success', async () => {
  await rig.repos({ data: { file: 'foo\n' } })
  const accepted = { transform: { accept_return_code: [1] } }
  await rig.create(shell('p', 'data', ['cp /pfs/data/file /pfs/out/', 'exit 1'], accepted))
  await rig.create(shell('q', 'data', ['exit 2'], { ...accepted, ...once }))
  const states = new Map((await rig.run()).map(({ pipeline, state }) => [String(pipeline), state]))
  expect(states).toEqual(
    new Map([
      ['default/p', 'success'],
      ['default/q', 'failure'],
    ]),
  )
  expect(await rig.files('p')).toEqual({ file: 'foo\n' })
})

test('9: a datum that always fails is tried exactly datum_tries times', async () => {
  await rig.repos({ data: { file: 'foo\n' } })
  await rig.create(shell('p', 'data', ['echo one more try', 'no-such-command'], { datum_tries: 5 }))
  expect(await rig.runOne()).toMatchObject({ state: 'failure' })
  const log = await rig.log('p')
  expect(log.filter((line) => line.includes('one more try'))).toHaveLength(5)
  expect((await rig.datums('p')).map(({ tries }) => tries)).toEqual([5])
})

test('10: a datum that sleeps longer than datum_timeout fails at about the timeout', async () => {
  await rig.repos({ data: { file: 'foo\n' } })
  const more = { datum_timeout: '0.5s', ...once }
  await rig.create(shell('p', 'data', ['sleep 30 & sleep 30'], more))
  const job = await rig.runOne()
  expect(job).toMatchObject({ state: 'failure', counters: { processed: 0, failed: 1 } })
  const [datum] = await rig.datums('p')
  expect(datum?.state).toBe('failed')
  expect(datum?.wallMs).toBeGreaterThanOrEqual(500)
  expect(datum?.wallMs).toBeLessThan(10_000)
})

test('11: a job that takes longer than job_timeout is KILLED at about the timeout', async () => {
  await rig.repos({ data: { a: 'foo\n', b: 'bar\n' } })
  await rig.create(shell('p', 'data', ['sleep 30'], { job_timeout: '0.5s' }))
  const job = await rig.runOne()
  expect(job.state).toBe('killed')
  expect(job.reason).toContain('job timed out')
  const took = (job.finishedAt ?? Number.NaN) - (job.startedAt ?? Number.NaN)
  expect(took).toBeGreaterThanOrEqual(500)
  expect(took).toBeLessThan(10_000)
})

describe('24: two datums and one output path', () => {
  beforeEach(async () => {
    // Every datum writes the path that its file names.
    await rig.repos({ data: { first: 'shared' } })
    await rig.create(shell('p', 'data', ['echo $data > /pfs/out/$(cat $data)'], once))
    expect(await rig.runOne()).toMatchObject({ state: 'success' })
  })
  const ends = async (edits: Record<string, string | undefined>): Promise<JobInfo> => {
    await rig.put('data', edits)
    return rig.runOne()
  }

  test('24: a path may move from an old datum to a new one', async () => {
    expect(await ends({ first: undefined, second: 'shared' })).toMatchObject({ state: 'success' })
    expect(await rig.files('p')).toEqual({ shared: '/pfs/data/second\n' })
  })

  test('24: a path may be swapped between a datum that changes and a new one', async () => {
    expect(await ends({ first: 'own', second: 'shared' })).toMatchObject({ state: 'success' })
    expect(await rig.files('p')).toEqual({ own: '/pfs/data/first\n', shared: '/pfs/data/second\n' })
  })

  test('24: a path that a kept datum has already is a duplicate, and both are named', async () => {
    const job = await ends({ second: 'shared' })
    expect(job.state).toBe('failure')
    expect(job.reason).toContain('duplicate path output by different datums')
    expect(job.reason).toContain('"shared"')
    const ids = (await rig.datums('p')).map(({ id }) => id)
    expect(ids.filter((id) => job.reason?.includes(id))).toHaveLength(2)
    expect(await rig.files('p')).toEqual({ shared: '/pfs/data/first\n' })
  })
})

test('25: outputs that cannot stand together fail the job, and the next commit may fix it', async () => {
  await rig.repos({ data: { foo: 'foo', bar: 'bar' } })
  await rig.create(shell('p', 'data', ['cat /pfs/data/* > /pfs/out/file']))
  expect(await rig.runOne()).toMatchObject({ state: 'failure' })
  await rig.put('data', { buzz: 'buzz' })
  expect(await rig.runOne()).toMatchObject({ state: 'failure' })
  await rig.put('data', { foo: undefined, bar: undefined })
  expect(await rig.runOne()).toMatchObject({ state: 'success' })
  expect(await rig.files('p')).toEqual({ file: 'buzz' })
})
