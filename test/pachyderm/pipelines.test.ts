import { expect, test } from 'vitest'
import { openRig, shell, ShellRig } from '../rig.ts'

test('1: 200 one-line files on 4 workers: each output equals its input', async () => {
  const rig = await openRig()
  const names = Array.from({ length: 200 }, (_, number) => `file-${number}`)
  const files = Object.fromEntries(names.map((name, number) => [name, `${number}\n`]))
  await rig.repos({ data: files })
  const more = { parallelism_spec: { constant: 4 } }
  await rig.create(shell('copy', 'data', ['cp /pfs/data/* /pfs/out/'], more))
  expect(await rig.runOne()).toMatchObject({
    state: 'success',
    counters: { processed: 200, skipped: 0, total: 200 },
  })
  expect(await rig.files('copy')).toEqual(files)
})

test('2: an empty second commit does not wait for datums that each sleep', async () => {
  const rig = await openRig()
  await rig.repos({ data: { file: 'foo' } })
  await rig.create(shell('slow', 'data', ['sleep 1', 'cp /pfs/data/* /pfs/out/']))
  const first = await rig.runOne()
  expect(took(first)).toBeGreaterThanOrEqual(1000)
  await rig.put('data', {})
  const second = await rig.runOne()
  expect(second).toMatchObject({ state: 'success', counters: { processed: 0 } })
  expect(took(second)).toBeLessThan(1000)
  expect(await rig.files('slow')).toEqual({ file: 'foo' })
})

test('3: output follows its input exactly: a changed file, a removed one, a new one', async () => {
  const rig = new ShellRig()
  rig.write({
    'copy.json': shell('copy', 'data', ['cp /pfs/data/* /pfs/out/']),
    foo: 'foo',
    bar: 'bar',
  })
  const output = await rig.sh(`
    pachctl create repo data
    pachctl create pipeline -f copy.json
    pachctl put file data@master:/file -f foo
    pachctl wait commit copy@master >/dev/null
    pachctl get file copy@master:/file; echo
    pachctl put file data@master:/file -f bar
    pachctl wait commit copy@master >/dev/null
    pachctl get file copy@master:/file; echo
    commit=$(pachctl start commit data@master)
    pachctl delete file data@$commit:/file
    pachctl put file data@$commit:/file2 -f foo
    pachctl finish commit data@$commit
    pachctl wait commit copy@$commit >/dev/null
    pachctl list file copy@master --raw | field .file.path
    pachctl list commit copy@master --raw | field .commit.id | wc -l
  `)
  // Four commits of output: the pipeline's own, made while its input was empty, and three answers.
  expect(output.split('\n').map((line) => line.trim())).toEqual(['foo', 'bar', '/file2', '4', ''])
})

test('23: after ten files ten more: the second job has 20 datums and skips 10 of them', async () => {
  const rig = await openRig()
  const ten = (from: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: 10 }, (_, place) => [`file-${from + place}`, 'foo']))
  await rig.repos({ data: ten(0) })
  await rig.create(shell('copy', 'data', ['cp /pfs/data/* /pfs/out/']))
  expect((await rig.runOne()).counters).toMatchObject({ processed: 10, skipped: 0, total: 10 })
  await rig.put('data', ten(10))
  expect((await rig.runOne()).counters).toMatchObject({ processed: 10, skipped: 10, total: 20 })
  const states = (await rig.datums('copy')).map(({ state }) => state)
  expect(states.filter((state) => state === 'skipped')).toHaveLength(10)
  expect(states.filter((state) => state === 'success')).toHaveLength(10)
})

test('26: in a diamond each repo gets one commit for each id, and results are consistent', async () => {
  const rig = await openRig()
  await rig.repos({ a: {} })
  const copy = (repo: string): string[] => [`cp /pfs/${repo}/* /pfs/out/`]
  const whole = (repo: string): object => ({ pfs: { repo, glob: '/' } })
  await rig.create(
    shell('b', 'a', copy('a')),
    shell('c', 'a', copy('a')),
    shell('d', { cross: [whole('b'), whole('c')] }, ['diff -r /pfs/b /pfs/c > /pfs/out/diff']),
  )
  await rig.run()
  for (const content of ['one\n', 'two\n', 'three\n']) {
    const { id } = await rig.put('a', { file: content })
    const jobs = await rig.run()
    expect(jobs.map(({ pipeline }) => pipeline).sort()).toEqual([
      'default/b',
      'default/c',
      'default/d',
    ])
    expect(jobs.every((job) => job.id === id && job.state === 'success')).toBe(true)
    const { commits } = rig.varve.commits.set(id)
    const user = commits.map(({ repo }) => repo).filter((repo) => !/\.(meta|spec)$/.test(repo))
    expect(user.sort()).toEqual(['default/a', 'default/b', 'default/c', 'default/d'])
    expect(await rig.files(`d@${id}`)).toEqual({ diff: '' })
    const above = rig.varve.commits.provenance(`d@${id}`).map(({ repo }) => repo)
    expect(above.sort()).toEqual(['default/a', 'default/b', 'default/c'])
  }
})

test('27: a new pipeline on ten old commits makes one output commit', async () => {
  const rig = await openRig()
  await rig.repos({ data: {} })
  for (let number = 0; number < 10; number++) {
    await rig.put('data', { [`file-${number}`]: 'foo\n' })
  }
  await rig.create(shell('copy', 'data', ['cp /pfs/data/* /pfs/out/']))
  expect((await rig.runOne()).counters).toMatchObject({ processed: 10 })
  expect(rig.history('copy')).toHaveLength(1)
  expect(Object.keys(await rig.files('copy'))).toHaveLength(10)
})

test('28: changed code reruns every datum, and the plan says so beforehand', async () => {
  // Upstream keeps the results of old datums unless asked to reprocess. Here results come from code
  // and inputs, so a changed command makes all of them run, and the plan tells why.
  const rig = await openRig()
  const writes = (text: string): object =>
    shell('p', 'data', [`echo ${text} > "/pfs/out/$(basename "$data")"`])
  await rig.repos({ data: { file1: '1' } })
  await rig.create(writes('foo'))
  await rig.run()
  expect(await rig.files('p')).toEqual({ file1: 'foo\n' })

  await rig.put('data', { file2: '2' })
  await rig.run()
  await rig.update(writes('bar'))
  const [plan] = await rig.varve.plan({ pipeline: 'p' })
  expect(plan).toMatchObject({ run: 2, skip: 0 })
  expect(plan?.why).toContain('stdin')
  expect(plan?.samples.map(({ reason }) => reason?.kind)).toEqual(['code changed', 'code changed'])
  expect((await rig.runOne()).counters).toMatchObject({ processed: 2, skipped: 0 })
  expect(await rig.files('p')).toEqual({ file1: 'bar\n', file2: 'bar\n' })
  expect(rig.varve.pipelines.inspect('p').version).toBe(2)
})

test('28: an update that changes no code reruns nothing, unless asked to reprocess', async () => {
  const rig = new ShellRig()
  const spec = shell('p', 'data', ['date +%N > "/pfs/out/$(basename "$data")"'])
  rig.write({ 'p.json': spec, 'said.json': { ...spec, description: 'the same' }, file: '1' })
  const counts = 'field .dataProcessed'
  const output = await rig.sh(`
    pachctl create repo data
    pachctl put file data@master -f file
    pachctl create pipeline -f p.json
    pachctl wait commit p@master > /dev/null
    before=$(pachctl get file p@master:/file)
    pachctl update pipeline -f said.json
    pachctl wait commit p@master > /dev/null
    pachctl list job -p p --raw | ${counts} | head -n 1
    [ "$before" = "$(pachctl get file p@master:/file)" ] && echo same
    pachctl update pipeline -f said.json --reprocess
    pachctl wait commit p@master > /dev/null
    pachctl list job -p p --raw | ${counts} | head -n 1
    [ "$before" = "$(pachctl get file p@master:/file)" ] || echo other
  `)
  expect(output).toBe('0\nsame\n1\nother\n')
})

test('29: a stopped pipeline makes nothing; started again, one job catches up', async () => {
  const rig = new ShellRig()
  rig.write({ 'copy.json': shell('copy', 'data', ['cp /pfs/data/* /pfs/out/']) })
  const output = await rig.sh(`
    pachctl create repo data
    pachctl create pipeline -f copy.json
    pachctl wait commit copy@master > /dev/null
    pachctl stop pipeline copy
    pachctl inspect pipeline copy --raw | field .state
    echo 1 | pachctl put file data@master:/a -f -
    echo 2 | pachctl put file data@master:/b -f -
    varve run > /dev/null
    pachctl list commit copy@master --raw | field .commit.id | wc -l
    pachctl start pipeline copy
    varve run > /dev/null
    pachctl list commit copy@master --raw | field .commit.id | wc -l
    pachctl list file copy@master --raw | field .file.path
    pachctl list job -p copy --raw | field .state
  `)
  expect(output.split('\n').map((line) => line.trim())).toEqual([
    'PIPELINE_PAUSED',
    '1',
    '2',
    '/a',
    '/b',
    'JOB_SUCCESS',
    'JOB_SUCCESS',
    '',
  ])
})

test('29: an update leaves a stopped pipeline stopped, and its start runs the new code', async () => {
  const rig = await openRig()
  await rig.repos({ data: { file: 'foo' } })
  await rig.create(shell('p', 'data', ['cp /pfs/data/* /pfs/out/']))
  await rig.run()
  await rig.varve.pipelines.stop('p')
  await rig.update(shell('p', 'data', ['cp /pfs/data/file /pfs/out/other']))
  await rig.put('data', { file: 'bar' })
  expect(await rig.run()).toEqual([])
  expect(rig.varve.pipelines.inspect('p')).toMatchObject({ state: 'stopped', version: 2 })
  expect(await rig.files('p')).toEqual({ file: 'foo' })
  await rig.varve.pipelines.start('p')
  expect(await rig.runOne()).toMatchObject({ state: 'success', version: 2 })
  expect(await rig.files('p')).toEqual({ other: 'bar' })
})

test('30: a stopped job is KILLED, and the next in the queue still runs', async () => {
  const rig = await openRig()
  await rig.repos({ data: { file: '30' } })
  await rig.create(
    shell('p', { pfs: { repo: 'data', glob: '/' } }, [
      'sleep $(cat /pfs/data/file); cp /pfs/data/file /pfs/out/',
    ]),
  )
  await rig.put('data', { file: '0' })
  let stopped = false
  const jobs = await rig.run(async (event) => {
    if (event.type !== 'job.started' || stopped) return
    stopped = true
    await rig.varve.jobs.stop(`p@${event.job.id}`)
  })
  expect(jobs.map(({ state }) => state)).toEqual(['killed', 'success'])
  expect(await rig.files('p')).toEqual({ file: '0' })
})

test('30: a job stopped before it began is KILLED and never runs', async () => {
  const rig = await openRig()
  await rig.repos({ data: { file: 'one' } })
  await rig.create(shell('p', 'data', ['cp /pfs/data/* /pfs/out/']))
  const second = await rig.put('data', { file: 'two' })
  await rig.varve.jobs.stop(`p@${second.id}`)
  const jobs = await rig.run()
  expect(jobs.map(({ state }) => state)).toEqual(['success'])
  expect(rig.varve.jobs.inspect(`p@${second.id}`)).toMatchObject({ state: 'killed' })
  expect(await rig.files('p')).toEqual({ file: 'one' })
})

test('31: output on another branch waits until master is moved to it', async () => {
  const rig = new ShellRig()
  const copy = (from: string): string[] => [`cp /pfs/${from}/* /pfs/out/`]
  rig.write({
    'first.json': { ...shell('first', 'data', copy('data')), output_branch: 'staging' },
    'second.json': shell('second', 'first', copy('first')),
  })
  const output = await rig.sh(`
    pachctl create repo data
    pachctl create pipeline -f first.json
    pachctl create pipeline -f second.json
    echo foo | pachctl put file data@staging:/file -f -
    varve run > /dev/null
    pachctl list file first@staging --raw | field .file.path
    echo foo | pachctl put file data@master:/file -f -
    varve run > /dev/null
    pachctl list file first@staging --raw | field .file.path
    pachctl list file second@master --raw | field .file.path
    echo moved
    pachctl create branch first@master --head staging
    varve run > /dev/null
    pachctl get file second@master:/file
  `)
  expect(output).toBe('/file\nmoved\nfoo\n')
})

function took(job: { createdAt: number; finishedAt: number | undefined }): number {
  return (job.finishedAt ?? Number.NaN) - job.createdAt
}
