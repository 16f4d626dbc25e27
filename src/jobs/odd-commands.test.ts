import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { collect } from '../repos/store.fixture.ts'
import { openTestJobs, shellSpec, type TestJobs } from './jobs.fixture.ts'

let t: TestJobs
beforeEach(async () => {
  t = await openTestJobs()
  await t.store.repos.create('texts')
})
afterEach(() => t.close())

describe('files through a command', () => {
  test('keep odd names: spaces, quotes, brackets, other scripts, a leading dash', async () => {
    const names = [
      'a b',
      'it\'s "q"',
      '[x]{y}*?',
      'größe',
      '日本語',
      '-n',
      '$HOME',
      'a\\b',
      '#1;&|',
    ]
    const texts = Object.fromEntries(names.map((name) => [`dir/${name}`, `text of ${name}`]))
    await t.put('texts', texts)
    const lines = ['mkdir -p /pfs/out/dir', 'cat "$texts" > "/pfs/out/dir/${texts##*/}"']
    const input = { pfs: { repo: 'texts', glob: '/dir/*' } }
    await t.create(shellSpec('copy', 'texts', lines, { input }))
    expect(await t.run()).toMatchObject([
      { state: 'success', counters: { processed: names.length } },
    ])
    expect(await t.output('copy')).toEqual(texts)
    await t.put('texts', { 'dir/[x]{y}*?': 'changed' })
    expect(await t.run()).toMatchObject([{ counters: { processed: 1, skipped: names.length - 1 } }])
  })

  test('stay executable from one pipeline to the next', async () => {
    await t.put('texts', { a: 'one' })
    const make = ['printf "#!/bin/sh\\necho ran\\n" > /pfs/out/tool', 'chmod +x /pfs/out/tool']
    await t.create(shellSpec('make', 'texts', make))
    await t.create(shellSpec('use', 'make', ['"$make" > /pfs/out/said', 'cp -p "$make" /pfs/out/']))
    expect((await t.run()).map(({ state }) => state)).toEqual(['success', 'success'])
    expect((await t.output('use'))['said']).toBe('ran\n')
    const tool = await t.store.files.inspect('use@master', 'tool')
    expect(tool).toMatchObject({ executable: true })
  })

  test('may be ten thousand from one datum', async () => {
    await t.put('texts', { a: 'one' })
    const lines = ['cd /pfs/out', 'seq 1 10000 | xargs touch']
    await t.create(shellSpec('many', 'texts', lines))
    expect(await t.run()).toMatchObject([{ state: 'success', counters: { processed: 1 } }])
    expect(t.store.commits.inspect('many@master').count).toBe(10_000)
    await t.put('texts', { a: 'two' })
    expect(await t.run()).toMatchObject([{ state: 'success', counters: { processed: 1 } }])
    const [datum] = await collect(t.jobs.datums.list('many'))
    expect(datum?.outputs).toHaveLength(10_000)
  })
})

describe('a command that goes wrong fails its datum alone', () => {
  const once = { datum_tries: 1, on_failure: 'continue' }

  test('when it writes more than it may', async () => {
    await t.put('texts', { a: 'yes', b: 'no' })
    const lines = [
      'cp "$texts" /pfs/out/',
      'grep -q no "$texts" || yes | head -c 30000000 > /pfs/out/big',
    ]
    const more = { ...once, resource_limits: { disk: '1M' } }
    await t.create(shellSpec('fill', 'texts', lines, more))
    expect(await t.run()).toMatchObject([
      { state: 'success', counters: { processed: 1, failed: 1 } },
    ])
    expect(await t.output('fill')).toEqual({ b: 'no' })
  })

  test('when it hangs with children that do not listen', async () => {
    await t.put('texts', { a: 'yes', b: 'no' })
    const lines = [
      'cp "$texts" /pfs/out/',
      'grep -q no "$texts" && exit 0',
      `for n in 1 2 3 4 5; do (trap '' TERM INT HUP; sleep 60) & done; wait`,
    ]
    await t.create(shellSpec('hang', 'texts', lines, { ...once, datum_timeout: '1s' }))
    const [job] = await t.run()
    expect(job).toMatchObject({ state: 'success', counters: { processed: 1, failed: 1 } })
    expect(Number(job?.finishedAt) - Number(job?.startedAt)).toBeLessThan(20_000)
    const [failed] = await collect(t.jobs.datums.list('hang', { states: ['failed'] }))
    expect(failed?.message).toContain('timed out after 1000 ms')
  })
})

test('updating a pipeline while its job runs kills the job, and the new version runs at once', async () => {
  await t.put('texts', { a: 'one' })
  await t.create(shellSpec('p', 'texts', ['sleep 30']))
  const ended = []
  for await (const event of t.jobs.run()) {
    if (event.type === 'job.started' && event.job.version === 1) {
      await t.update(shellSpec('p', 'texts', ['cp "$texts" /pfs/out/']))
    }
    if (event.type === 'job.finished') ended.push(event.job)
  }
  expect(ended).toMatchObject([
    { version: 1, state: 'killed', reason: 'the pipeline was updated' },
    { version: 2, state: 'success' },
  ])
  expect(await t.output('p')).toEqual({ a: 'one' })
})
