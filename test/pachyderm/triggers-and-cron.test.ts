import { describe, expect, test } from 'vitest'
import { openRig, shell, ShellRig, StillClock, type Rig } from '../rig.ts'

const noon = '2030-01-01T12:00:00Z'

/** A pipeline over the ticks of a clock, on a project whose time stands still. */
async function clockwork(cron: object): Promise<{ rig: Rig; clock: StillClock }> {
  const clock = new StillClock(noon)
  const rig = await openRig({ clock })
  await rig.create(pipeline(cron))
  return { rig, clock }
}

function pipeline(cron: object, lines = ['cp /pfs/time/* /pfs/out/']): object {
  return shell('p', { cron: { name: 'time', ...cron } }, lines)
}

const ticks = (rig: Rig): Promise<string[]> => rig.list('p_time')

describe('32: cron', () => {
  test('32: ticks from its creation on, not at it, once for each time that came', async () => {
    const { rig, clock } = await clockwork({ spec: '@every 20s' })
    await rig.run()
    expect(await ticks(rig)).toEqual([])
    clock.advance(65)
    const jobs = await rig.run()
    expect(jobs.map(({ state }) => state)).toEqual(['success', 'success', 'success'])
    expect(await ticks(rig)).toEqual([
      '2030-01-01T12:00:20Z',
      '2030-01-01T12:00:40Z',
      '2030-01-01T12:01:00Z',
    ])
    expect(Object.keys(await rig.files('p'))).toEqual(await ticks(rig))
    expect((await rig.run()).length).toBe(0)
  })

  test('32: goes on from the newest tick after the project was closed and opened', async () => {
    const { rig, clock } = await clockwork({ spec: '*/5 * * * *' })
    clock.advance(11 * 60)
    await rig.run()
    expect(await ticks(rig)).toEqual(['2030-01-01T12:05:00Z', '2030-01-01T12:10:00Z'])
    await rig.reopen({ clock })
    clock.advance(5 * 60)
    await rig.run()
    expect((await ticks(rig)).slice(2)).toEqual(['2030-01-01T12:15:00Z'])
  })

  test('32: a start in the past is caught up one tick at a time', async () => {
    const { rig } = await clockwork({ spec: '@hourly', start: '2030-01-01T08:30:00Z' })
    const jobs = await rig.run()
    expect(jobs.filter(({ counters }) => counters.processed === 1)).toHaveLength(4)
    expect(await ticks(rig)).toEqual([
      '2030-01-01T09:00:00Z',
      '2030-01-01T10:00:00Z',
      '2030-01-01T11:00:00Z',
      '2030-01-01T12:00:00Z',
    ])
  })

  test('32: with overwrite there is one tick file, and one datum', async () => {
    const { rig, clock } = await clockwork({ spec: '@every 10s', overwrite: true })
    await rig.run()
    clock.advance(35)
    await rig.run()
    expect(await ticks(rig)).toEqual(['2030-01-01T12:00:30Z'])
    expect(Object.keys(await rig.files('p'))).toEqual(['2030-01-01T12:00:30Z'])
    expect(rig.job('p').counters).toMatchObject({ processed: 1, skipped: 0, total: 1 })
  })

  test('32: an update with a new start ticks from there', async () => {
    const { rig, clock } = await clockwork({ spec: '@every 1h', start: '2030-01-01T11:59:00Z' })
    await rig.run()
    clock.advance(120 * 60)
    await rig.run()
    expect(await ticks(rig)).toEqual(['2030-01-01T12:59:00Z', '2030-01-01T13:59:00Z'])
    await rig.update(pipeline({ spec: '@every 1h', start: '2030-01-01T14:30:00Z' }))
    clock.advance(60 * 60)
    await rig.run()
    expect(await ticks(rig)).not.toContain('2030-01-01T14:59:00Z')
    clock.advance(45 * 60)
    await rig.run()
    expect((await ticks(rig)).at(-1)).toBe('2030-01-01T15:30:00Z')
    expect(await ticks(rig)).toHaveLength(3)
  })

  test('32: `run cron` ticks now, every time it is asked, beside the schedule', async () => {
    const rig = new ShellRig()
    rig.write({
      'p.json': pipeline({ spec: '@never' }, ['ls /pfs/time > /pfs/out/$PACH_DATUM_ID']),
    })
    const output = await rig.sh(`
      pachctl create pipeline -f p.json
      varve run > /dev/null
      pachctl list file p_time@master --raw | field .fileType | wc -l
      pachctl run cron p > /dev/null
      sleep 1
      pachctl run cron p > /dev/null
      varve run > /dev/null
      pachctl list file p_time@master --raw | field .sizeBytes
      pachctl list file p@master --raw | field .fileType
      pachctl list job -p p --raw | field .dataProcessed | head -n 2
    `)
    expect(output.split(/\s+/).filter(Boolean)).toEqual(['0', '0', '0', 'FILE', 'FILE', '1', '1'])
  })
})

describe('34: a trigger moves its branch exactly when its condition is met', () => {
  const head = (rig: Rig, branch: string): string | undefined =>
    rig.varve.branches.find(`data@${branch}`)?.head
  const bytes = (count: number): string => 'x'.repeat(count)

  test('34: by size: the net growth since it fired last', async () => {
    const rig = await openRig()
    await rig.repos({ data: {} })
    await rig.varve.branches.set('data@trigger', { trigger: { branch: 'master', size: 1000 } })
    await rig.put('data', { file1: bytes(500) })
    expect(head(rig, 'trigger')).toBeUndefined()
    const second = await rig.put('data', { file2: bytes(500) })
    expect(head(rig, 'trigger')).toBe(second.id)
    await rig.put('data', { file3: bytes(600) })
    await rig.put('data', { file3: bytes(700) })
    expect(head(rig, 'trigger')).toBe(second.id)
    const fifth = await rig.put('data', { file4: bytes(300) })
    expect(head(rig, 'trigger')).toBe(fifth.id)
  })

  test('34: by count of commits', async () => {
    const rig = await openRig()
    await rig.repos({ data: {} })
    await rig.varve.branches.set('data@trigger', { trigger: { branch: 'master', commits: 2 } })
    const ids: string[] = []
    const heads: (string | undefined)[] = []
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      ids.push((await rig.put('data', { [name]: name })).id)
      heads.push(head(rig, 'trigger'))
    }
    expect(heads).toEqual([undefined, ids[1], ids[1], ids[3], ids[3]])
  })

  test('34: any of several conditions, or all of them', async () => {
    const rig = await openRig()
    await rig.repos({ data: {} })
    const both = { branch: 'master', size: 100, commits: 3 }
    await rig.varve.branches.set('data@or', { trigger: both })
    await rig.varve.branches.set('data@and', { trigger: { ...both, all: true } })
    const seen: [boolean, boolean][] = []
    for (const [name, size] of [
      ['a', 1],
      ['b', 100],
      ['c', 1],
      ['d', 1],
      ['e', 1],
    ] as const) {
      const { id } = await rig.put('data', { [name]: bytes(size) })
      seen.push([head(rig, 'or') === id, head(rig, 'and') === id])
    }
    expect(seen).toEqual([
      [false, false],
      [true, false],
      [false, true],
      [false, false],
      [true, false],
    ])
  })

  test('34: by time, where commits come: at most once for each tick', async () => {
    const clock = new StillClock(noon)
    const rig = await openRig({ clock })
    await rig.repos({ data: {} })
    const trigger = { branch: 'master', rateLimit: '* * * * *' }
    await rig.varve.branches.set('data@trigger', { trigger })
    const fired: boolean[] = []
    for (const seconds of [0, 20, 50, 20, 60]) {
      clock.advance(seconds)
      const { id } = await rig.put('data', { [`after-${fired.length}`]: 'x' })
      fired.push(head(rig, 'trigger') === id)
    }
    expect(fired).toEqual([true, false, true, false, true])
  })

  test('34: chains: each link fires on the branch before it, keeping the id', async () => {
    const rig = await openRig()
    await rig.repos({ data: {} })
    for (const [name, branch, size] of [
      ['a', 'master', 100],
      ['b', 'a', 200],
      ['c', 'b', 300],
    ] as const) {
      await rig.varve.branches.set(`data@${name}`, { trigger: { branch, size } })
    }
    const moved: string[] = []
    for (let number = 0; number < 6; number++) {
      const { id } = await rig.put('data', { [`file-${number}`]: bytes(100) })
      moved.push(['a', 'b', 'c'].filter((name) => head(rig, name) === id).join(''))
    }
    expect(moved).toEqual(['a', 'ab', 'a', 'abc', 'a', 'ab'])
    const loop = rig.varve.branches.set('data@master', { trigger: { branch: 'c' } })
    await expect(loop).rejects.toMatchObject({ code: 'CYCLE' })
  })

  test('34: a pipeline behind a trigger runs only when the trigger fires, under the same id', async () => {
    const rig = new ShellRig()
    const trigger = { branch: 'master', commits: 2 }
    const input = { pfs: { repo: 'data', glob: '/', trigger } }
    rig.write({ 'p.json': shell('p', input, ['ls /pfs/data | wc -l > /pfs/out/count']) })
    const output = await rig.sh(`
      pachctl create repo data
      pachctl create pipeline -f p.json
      varve run > /dev/null
      for name in a b c; do
        echo $name | pachctl put file data@master:/$name
        varve run > /dev/null
        pachctl list job -p p --raw | field .dataProcessed | grep -c -v '^0$' || true
      done
      pachctl get file p@master:/count
      pachctl list branch data --raw | field .branch.name
      [ $(pachctl list commit data@master -n 2 --raw | field .commit.id | tail -n 1) \\
        = $(pachctl list job -p p --raw | field .job.id | head -n 1) ] && echo same id
    `)
    expect(output.split('\n').map((line) => line.trim())).toEqual([
      '0',
      '1',
      '1',
      '2',
      'master',
      'p-trigger-1',
      'same id',
      '',
    ])
  })
})
