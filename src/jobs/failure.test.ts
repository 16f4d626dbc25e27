import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTestJobs, shellSpec, upperSpec, type TestJobs } from './jobs.fixture.ts'
import { collect } from '../repos/store.fixture.ts'

let t: TestJobs
beforeEach(async () => {
  t = await openTestJobs()
  await t.store.repos.create('texts')
})
afterEach(() => t.close())

describe('a datum that fails', () => {
  test('fails its job, makes what is below unrunnable, and a good commit heals both', async () => {
    await t.put('texts', { a: 'one' })
    await t.create(upperSpec('up', 'texts'))
    await t.create(upperSpec('below', 'up'))
    await t.create(upperSpec('deeper', 'below'))
    await t.create(upperSpec('sibling', 'texts', { transform: { operator: 'copy' } }))
    await t.run()
    await t.put('texts', { b: 'bad', c: 'three' })
    const jobs = new Map((await t.run()).map((job) => [job.pipeline, job]))
    expect(jobs.get('default/up' as never)).toMatchObject({
      state: 'failure',
      counters: { processed: 1, failed: 1, skipped: 1, total: 3 },
    })
    expect(jobs.get('default/up' as never)?.reason).toContain('b is bad')
    expect(jobs.get('default/below' as never)).toMatchObject({
      state: 'unrunnable',
      reason: 'unrunnable because the following upstream pipelines failed: up',
    })
    expect(jobs.get('default/deeper' as never)).toMatchObject({ state: 'unrunnable' })
    expect(jobs.get('default/sibling' as never)).toMatchObject({ state: 'success' })
    // The last good head stays readable; the partial output is there under its own id.
    expect(await t.output('up')).toEqual({ a: 'ONE' })
    const failed = t.jobs.inspect('up')
    const partial = await t.store.files.read({ repo: failed.pipeline, id: failed.id }, 'c')
    expect(Buffer.from(partial).toString()).toBe('THREE')

    await t.put('texts', { b: 'two' })
    const healed = new Map((await t.run()).map((job) => [job.pipeline, job]))
    // Work of the failed job is not done again: it comes from the cache.
    expect(healed.get('default/up' as never)).toMatchObject({
      state: 'success',
      counters: { processed: 2, cached: 1, skipped: 1, total: 3 },
    })
    expect(healed.get('default/deeper' as never)).toMatchObject({ state: 'success' })
    expect(await t.output('deeper')).toEqual({ a: 'ONE', b: 'TWO', c: 'THREE' })
  })

  test('is tried as often as the spec says, and its log keeps every try', async () => {
    await t.put('texts', { a: 'one' })
    await t.create(shellSpec('no', 'texts', ['echo trying', 'exit 3'], { datum_tries: 3 }))
    const [job] = await t.run()
    expect(job?.state).toBe('failure')
    expect(job?.reason).toContain('exited with code 3: trying')
    const [log] = await collect(t.jobs.datums.logs('no'))
    expect(log?.text.match(/trying/g)).toHaveLength(3)
    expect(log?.datum).toMatchObject({ state: 'failed', tries: 3 })
  })

  test('recovers when err_cmd succeeds, and every later job tries it again', async () => {
    await t.put('texts', { a: 'one', b: 'two' })
    const spec = shellSpec('maybe', 'texts', ['grep -q one "$texts" && cp "$texts" /pfs/out/'])
    const transform = { ...spec.transform, err_cmd: ['true'] }
    await t.create({ ...spec, transform })
    const [first] = await t.run()
    expect(first).toMatchObject({ state: 'success', counters: { processed: 1, recovered: 1 } })
    await t.put('texts', { c: 'one more' })
    const [second] = await t.run()
    expect(second).toMatchObject({
      state: 'success',
      counters: { processed: 1, skipped: 1, recovered: 1, total: 3 },
    })
    expect(await t.output('maybe')).toEqual({ a: 'one', c: 'one more' })
  })

  test('of a warm command recovers when err_cmd succeeds with what the datum had', async () => {
    await t.put('texts', { a: 'one', b: 'two', c: 'three' })
    const lines = [
      'error=',
      'while pachctl next datum ${error:+--error "$error"}; do',
      '  . /pfs/.env; error=',
      '  grep -q two "$texts" && exit 4',
      '  grep -q one "$texts" && error="not this one"',
      '  [ -n "$error" ] || cp "$texts" /pfs/out/',
      'done',
    ]
    const spec = shellSpec('warm', 'texts', lines, { parallelism_spec: { constant: 1 } })
    const err_stdin = ['echo asked; grep -q -e one -e two "$texts"']
    const more = { datum_batching: true, err_cmd: ['sh'], err_stdin }
    await t.create({ ...spec, transform: { ...spec.transform, ...more } })
    const [job] = await t.run()
    expect(job).toMatchObject({ state: 'success', counters: { processed: 1, recovered: 2 } })
    expect(await t.output('warm')).toEqual({ c: 'three' })
    const logs = await collect(t.jobs.datums.logs('warm'))
    const recovered = logs.filter(({ datum }) => datum.state === 'recovered')
    expect(recovered.map(({ text }) => text)).toEqual(['asked\n', 'asked\n'])
  })

  test('of a warm command fails when err_cmd does, after each of its tries', async () => {
    await t.put('texts', { a: 'one' })
    const lines = ['pachctl next datum', 'while pachctl next datum --error no; do :; done']
    const spec = shellSpec('warm', 'texts', lines, { datum_tries: 2 })
    const more = { datum_batching: true, err_cmd: ['sh'], err_stdin: ['echo asked; exit 1'] }
    await t.create({ ...spec, transform: { ...spec.transform, ...more } })
    const [job] = await t.run()
    expect(job).toMatchObject({ state: 'failure', counters: { failed: 1, recovered: 0 } })
    expect(job?.reason).toContain('failed: no')
    const [log] = await collect(t.jobs.datums.logs('warm'))
    expect(log).toMatchObject({ text: 'asked\nasked\n', datum: { state: 'failed', tries: 2 } })
  })

  test('counts as success when its exit code is accepted', async () => {
    await t.put('texts', { a: 'one' })
    const spec = shellSpec('ok', 'texts', ['exit 253'])
    await t.create({ ...spec, transform: { ...spec.transform, accept_return_code: [253] } })
    expect(await t.run()).toMatchObject([{ state: 'success', counters: { processed: 1 } }])
  })

  test('is left out of a job that goes on, and tried again by the next', async () => {
    await t.put('texts', { a: 'one', b: 'bad' })
    await t.create(upperSpec('up', 'texts', { on_failure: 'continue' }))
    const [first] = await t.run()
    expect(first).toMatchObject({ state: 'success', counters: { processed: 1, failed: 1 } })
    expect(await t.output('up')).toEqual({ a: 'ONE' })
    await t.put('texts', { c: 'three' })
    const [second] = await t.run()
    expect(second).toMatchObject({ counters: { processed: 1, skipped: 1, failed: 1, total: 3 } })
  })

  test('times out', async () => {
    await t.put('texts', { a: 'one' })
    const more = { datum_timeout: '0.3s', datum_tries: 1 }
    await t.create(shellSpec('slow', 'texts', ['sleep 20'], more))
    const [job] = await t.run()
    expect(job?.reason).toContain('timed out after 300 ms')
  })
})

describe('a job', () => {
  test('is killed at its timeout, and the next one runs', async () => {
    await t.put('texts', { a: 'one' })
    await t.create(shellSpec('slow', 'texts', ['sleep 20'], { job_timeout: '0.3s' }))
    const [job] = await t.run()
    expect(job).toMatchObject({ state: 'killed', reason: 'job timed out' })
  })

  test('may have timeouts longer than a timer can wait', async () => {
    await t.put('texts', { a: 'one' })
    const more = { job_timeout: '720h', datum_timeout: '720h' }
    await t.create(shellSpec('command', 'texts', ['sleep 0.1'], more))
    await t.create(upperSpec('operator', 'texts', more))
    const endless = `${'9'.repeat(400)}h`
    await t.create(upperSpec('endless', 'texts', { job_timeout: endless, datum_timeout: endless }))
    expect((await t.run()).map(({ state }) => state)).toEqual(['success', 'success', 'success'])
  })

  test('can be stopped while it runs, and the next in line still runs', async () => {
    await t.put('texts', { a: 'sleep 20' })
    await t.create(shellSpec('slow', 'texts', ['sh "$texts"'], {}))
    await t.put('texts', { a: 'true' })
    const ended = []
    for await (const event of t.jobs.run()) {
      if (event.type === 'job.started' && ended.length === 0) await t.jobs.stop(event.job)
      if (event.type === 'job.finished') ended.push(event.job)
    }
    expect(ended).toMatchObject([{ state: 'killed' }, { state: 'success' }])
  })

  test('fails when two datums write one path, and names both and the path', async () => {
    await t.put('texts', { a: 'one', b: 'two' })
    await t.create(shellSpec('clash', 'texts', ['cp "$texts" /pfs/out/same']))
    const [job] = await t.run()
    expect(job?.state).toBe('failure')
    expect(job?.reason).toMatch(
      /duplicate path output by different datums: "same" by [0-9a-f]{64} and [0-9a-f]{64}/,
    )
    for (const input of ['texts:/a', 'texts:/b']) expect(job?.reason).toContain(input)
    await t.store.files.delete('texts@master', ['b'])
    expect(await t.run()).toMatchObject([{ state: 'success' }])
    await t.put('texts', { c: 'three' })
    const [again] = await t.run()
    expect(again?.reason).toContain('"same"')
  })

  test('keeps its datums in sight when two of them write one path', async () => {
    await t.put('texts', { a: 'one', b: 'two', c: 'three' })
    await t.create(shellSpec('clash', 'texts', ['cp "$texts" /pfs/out/same; echo hello']))
    await t.run()
    const datums = await collect(t.jobs.datums.list('clash'))
    const seen = datums.map(({ inputs, state }) => `${inputs[0]?.path} ${state}`).sort()
    expect(seen).toEqual(['a success', 'b success', 'c success'])
    expect(await collect(t.jobs.datums.logs('clash'))).toHaveLength(3)
  })

  test('fails when one datum writes a file where another writes a directory', async () => {
    await t.put('texts', { a: 'x', b: 'x/y' })
    const lines = ['d=/pfs/out/$(cat "$texts"); mkdir -p $(dirname $d); echo hi > $d']
    await t.create(shellSpec('clash', 'texts', lines))
    const [job] = await t.run()
    expect(job?.state).toBe('failure')
    expect(job?.reason).toMatch(
      /file \/ directory path collision: "x" by [0-9a-f]{64} and [0-9a-f]{64}/,
    )
  })

  test('fails and names the operator when there is none of that name', async () => {
    await t.put('texts', { a: 'one' })
    await t.create(upperSpec('none', 'texts', { transform: { operator: 'uper' } }))
    const [job] = await t.run()
    expect(job?.state).toBe('failure')
    expect(job?.reason).toContain('upper')
  })

  test('fails alone when its secret has no value or nothing says what to run', async () => {
    await t.put('texts', { a: 'one' })
    const spec = shellSpec('secret', 'texts', ['true'])
    const secrets = [{ name: 'none', key: 'k', env_var: 'K' }]
    await t.create({ ...spec, transform: { ...spec.transform, secrets } })
    await t.create({
      ...shellSpec('warm', 'texts', []),
      transform: { cmd: ['sh'], datum_batching: true, secrets },
    })
    await t.create({ ...shellSpec('empty', 'texts', []), transform: { image: 'unknown' } })
    await t.create(upperSpec('sibling', 'texts'))
    const jobs = new Map((await t.run()).map((job) => [String(job.pipeline), job]))
    expect(jobs.get('default/secret')).toMatchObject({ state: 'failure' })
    expect(jobs.get('default/secret')?.reason).toContain('secret "none"')
    expect(jobs.get('default/warm')?.reason).toContain('secret "none"')
    expect(jobs.get('default/empty')?.reason).toContain('names no cmd')
    expect(jobs.get('default/sibling')).toMatchObject({ state: 'success' })
  })
})
