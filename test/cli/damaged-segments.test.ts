import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CliRig } from './cli.fixture.ts'

const rig = new CliRig()
const inRig = (...parts: string[]): string => join(rig.folder, ...parts)
let dataLane = ''

beforeAll(async () => {
  await rig.must(['init'])
  await rig.must(['create', 'repo', 'r'])
  mkdirSync(inRig('many'))
  for (let i = 0; i < 600; i += 1) writeFileSync(inRig('many', `m${i}`), `many ${i} `.repeat(20))
  await rig.must(['put', 'file', 'r@master:/', '-r', '-f', 'many'])
  for (const name of ['first', 'last'])
    await rig.must(['put', 'file', `r@master:/${name}`], { input: `${name} alone` })
  dataLane = readdirSync(inRig('.varve/segments')).find((name) => name !== 'meta') ?? ''
  cpSync(inRig('.varve'), inRig('whole'), { recursive: true })
}, 120_000)
beforeEach(() => {
  rmSync(inRig('.varve'), { recursive: true })
  cpSync(inRig('whole'), inRig('.varve'), { recursive: true })
})
afterAll(() => rig.dispose())

type Damage = (bytes: Buffer) => Buffer | undefined

const cut =
  (length: number): Damage =>
  (bytes) =>
    bytes.subarray(0, bytes.length - length)

/** Where the last record starts. */
const lastRecord = (bytes: Buffer): number => bytes.lastIndexOf('__varve__/record/')

const flip =
  (at: (bytes: Buffer) => number): Damage =>
  (bytes) => {
    bytes.writeUInt8((bytes[at(bytes)] ?? 0) ^ 0x55, at(bytes))
    return bytes
  }

interface MetaDamage {
  readonly name: string
  readonly how: Damage
  /** What was stored before the damage: can it be read, and does it outlast a repair? */
  readonly isOldWhole: boolean
}

const onMeta: readonly MetaDamage[] = [
  { name: 'cut by 512 bytes', how: cut(512), isOldWhole: true },
  { name: 'cut by 64 KiB', how: cut(64 << 10), isOldWhole: false },
  {
    name: 'without its last record',
    how: (bytes) => bytes.subarray(0, lastRecord(bytes)),
    isOldWhole: true,
  },
  {
    name: 'with a flipped byte in its last record',
    how: flip((bytes) => lastRecord(bytes) + 520),
    isOldWhole: true,
  },
  { name: 'that is gone', how: () => undefined, isOldWhole: false },
]

const segmentOf = (lane: string): string => inRig('.varve/segments', lane, '000001.tar')

function damage(lane: string, how: Damage): void {
  const bytes = how(readFileSync(segmentOf(lane)))
  if (bytes === undefined) rmSync(segmentOf(lane))
  else writeFileSync(segmentOf(lane), bytes)
}

function removeCache(name: string): void {
  for (const suffix of ['', '-wal', '-shm'])
    rmSync(inRig('.varve', `${name}.sqlite${suffix}`), { force: true })
}

interface Fault {
  readonly kind: string
  readonly subject: string
  readonly what: string
}

/** What `fsck` reports: it ends with 1, names places and what to type, and the store is as it was. */
async function faultsFound(next: string): Promise<readonly Fault[]> {
  const before = rig.storedBytes()
  const { code, stdout } = await rig.call(['fsck', '--read-data', '--json'])
  expect(rig.storedBytes()).toEqual(before)
  const { error } = JSON.parse(stdout) as {
    error: { code: string; next: string; data: { faults: Fault[] } }
  }
  expect({ exit: code, code: error.code }).toEqual({ exit: 1, code: 'CHECK_FAILED' })
  expect(error.next).toContain(next)
  return error.data.faults
}

const noRawError = /SQLITE|ERR_|INTERNAL|Bug in Varve/

describe.each(onMeta)('a meta lane $name', ({ how, isOldWhole }) => {
  test('is read on, checked and repaired', { timeout: 120_000 }, async () => {
    damage('meta', how)
    const stored = rig.storedBytes()
    expect(await rig.must(['list', 'repo'])).toMatch(/^r /m)
    expect(await rig.must(['log', 'r@master'])).toMatch(/commit/)
    const read = await rig.call(['get', 'file', 'r@master:/first'])
    if (isOldWhole) expect(read).toMatchObject({ code: 0, stdout: 'first alone' })
    else expect(read.stderr).toContain('[STORE_DAMAGED]')
    expect(read.stderr).not.toMatch(noRawError)
    expect(rig.storedBytes()).toEqual(stored)
    const faults = await faultsFound('`varve repair`')
    expect(faults.map(({ subject }) => subject)).toContain('segments/meta/000001.tar')
    expect(faults.map(({ kind }) => kind)).not.toContain('catalog wrong')

    const refused = await rig.call(['put', 'file', 'r@master:/new'], { input: 'new' })
    expect(refused).toMatchObject({ code: 6 })
    expect(refused.stderr).toContain('segments/meta/000001.tar')
    expect((await rig.call(['reindex'])).stderr).toContain('[STORE_DAMAGED]')
    expect(rig.storedBytes()).toEqual(stored)

    const repaired = (await rig.json(['repair'])) as {
      lostRecords: number[]
      lostCommits: { repo: string; branch: string }[]
    }
    expect(repaired.lostRecords.length).toBeGreaterThan(0)
    expect(repaired.lostCommits.map(({ branch }) => branch)).toContain('master')
    if (isOldWhole) await rig.must(['list', 'file', 'r@master:/'])
    await rig.must(['create', 'repo', 'later'])
    expect(await rig.json(['repair'])).toMatchObject({ repaired: [], lostRecords: [] })
  })
})

describe.each([
  ['cut by a byte', cut(1)],
  ['cut by 64 KiB', cut(64 << 10)],
  ['that is gone', () => undefined],
] as const)('a data lane %s', (name, how) => {
  test('is read on, checked and repaired', { timeout: 120_000 }, async () => {
    damage(dataLane, how)
    const lost = await rig.call(['get', 'file', 'r@master:/last'])
    if (name !== 'cut by a byte') expect(lost.stderr).toContain('[STORE_DAMAGED]')
    const faults = await faultsFound('`varve repair`')
    expect(faults.map(({ subject }) => subject)).toContain(`segments/${dataLane}/000001.tar`)
    expect(faults.map(({ what }) => what).join()).not.toContain('wrong-index')
    expect(faults.map(({ what }) => what).join()).toMatch(/\d+ items? (is|are) lost/)
    await rig.must(['repair'])
    const missing = await faultsFound('put')
    expect(new Set(missing.map(({ kind }) => kind))).toEqual(new Set(['item missing']))
    expect(missing.map(({ what }) => what).join()).toContain('r@')
    await rig.must(['put', 'file', 'r@master:/last'], { input: 'last alone' })
  })
})

test('a lost change that only the catalog knew is told of by who opens the store', async () => {
  removeCache('index')
  damage('meta', cut(512))
  const read = await rig.call(['list', 'repo'])
  expect(read).toMatchObject({ code: 0, stderr: expect.stringContaining('note:') as string })
  expect((await faultsFound('`varve repair`')).map(({ kind }) => kind)).toContain('record missing')
  const { code, stderr } = await rig.call(['create', 'repo', 'x'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('lost') as string })
})

describe.each(['index', 'catalog'])('a damaged segment and a %s', (cache) => {
  const spoiled: readonly (readonly [string, (file: string) => void])[] = [
    ['deleted', () => {}],
    ['full of garbage', (file) => writeFileSync(file, Buffer.alloc(8192, 'garbage'))],
    [
      'cut in half',
      (file) => {
        const whole = readFileSync(inRig('whole', `${cache}.sqlite`))
        writeFileSync(file, whole.subarray(0, (whole.length >> 1) - 100))
      },
    ],
  ]
  test.each(spoiled)(
    '%s: no raw error, and repair mends both',
    { timeout: 120_000 },
    async (_, spoil) => {
      damage(
        'meta',
        flip((bytes) => bytes.indexOf('__varve__/record/') + 520),
      )
      removeCache(cache)
      spoil(inRig('.varve', `${cache}.sqlite`))
      for (const words of [['list', 'repo'], ['get', 'file', 'r@master:/first'], ['fsck']]) {
        const { code, stderr } = await rig.call(words)
        expect(stderr, words.join(' ')).not.toMatch(noRawError)
        expect([0, 1, 3, 6], stderr).toContain(code)
      }
      const refused = await rig.call(['create', 'repo', 'x'])
      expect(refused.stderr).not.toMatch(noRawError)
      await rig.must(['repair'])
      await rig.must(['create', 'repo', 'later'])
    },
  )
})
