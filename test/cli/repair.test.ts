import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CliRig } from './cli.fixture.ts'

let rig: CliRig

beforeEach(async () => {
  rig = new CliRig()
  await rig.must(['init'])
  await rig.must(['create', 'repo', 'r'])
  for (const content of ['first', 'second', 'third']) {
    await rig.must(['put', 'file', `r@master:${content}.txt`], { input: `${content} alone` })
  }
  expect((await fsck()).code).toBe(0)
}, 120_000)
afterEach(() => rig.dispose())

/** Turns one bit of the payload of the member whose name begins so; of several, of the one given. */
function flip(lane: string, name: string, which = 0): void {
  const segments = join(rig.folder, '.varve', 'segments')
  const files = readdirSync(segments, { recursive: true, encoding: 'utf8' })
  const file = join(segments, files.find((path) => path.endsWith(`${lane}/000001.tar`)) ?? '')
  const bytes = readFileSync(file)
  let at = -1
  for (let i = 0; i <= which; i += 1) at = bytes.indexOf(name, at + 1)
  expect(at).toBeGreaterThanOrEqual(0)
  const payload = at + 512 + 20
  bytes[payload] = (bytes[payload] ?? 0) ^ 1
  writeFileSync(file, bytes)
}

interface Fsck {
  readonly code: number | null
  readonly kinds: readonly string[]
}

async function fsck(): Promise<Fsck> {
  const { code, stdout, stderr } = await rig.call(['fsck', '--read-data', '--json'])
  const text = `${stdout}${stderr}`
  const kinds = [...text.matchAll(/"kind":\s*"([^"]+)"/g)].map(([, kind]) => kind ?? '')
  return { code, kinds: [...new Set(kinds)] }
}

interface Repaired {
  readonly repaired: readonly { readonly segment: string; readonly copy?: string }[]
  readonly lostRecords: readonly number[]
}

const repair = async () => (await rig.json(['repair'])) as Repaired

test('repair of a rotten item keeps everything else, says what is lost, and putting it again heals it', async () => {
  const { digest } = (await rig.json(['inspect', 'file', 'r@master:second.txt'])) as {
    digest: string
  }
  flip('r', digest.slice(0, 32))
  expect((await fsck()).kinds).toEqual(['segment damaged'])
  const { repaired, lostRecords } = await repair()
  expect(repaired).toHaveLength(1)
  expect(repaired[0]?.copy).toMatch(/damaged$/)
  expect(lostRecords).toEqual([])
  expect(await fsck()).toEqual({ code: 1, kinds: ['item missing'] })
  expect(await rig.must(['get', 'file', 'r@master:third.txt'])).toBe('third alone')
  expect((await rig.call(['get', 'file', 'r@master:second.txt'])).code).not.toBe(0)
  await rig.must(['put', 'file', 'r@master:second.txt'], { input: 'second alone' })
  expect((await fsck()).code).toBe(0)
}, 120_000)

test('repair of a rotten tree node leaves the commits that do not need it whole', async () => {
  flip('meta', '__varve__/node/', 1)
  expect((await fsck()).code).not.toBe(0)
  const { repaired, lostRecords } = await repair()
  expect(repaired).toHaveLength(1)
  expect(lostRecords).toEqual([])
  expect(await fsck()).toEqual({ code: 1, kinds: ['node missing'] })
  expect(await rig.must(['get', 'file', 'r@master:third.txt'])).toBe('third alone')
}, 120_000)

test('repair of a rotten old record gives up that change, and says so', async () => {
  flip('meta', '__varve__/record/000000000003')
  expect((await fsck()).code).not.toBe(0)
  const { repaired, lostRecords } = await repair()
  expect(repaired).toHaveLength(1)
  expect(lostRecords).toEqual([3])
  expect(await fsck()).toEqual({ code: 1, kinds: ['parent missing'] })
  expect(await rig.must(['get', 'file', 'r@master:third.txt'])).toBe('third alone')
  await rig.must(['put', 'file', 'r@master:after.txt'], { input: 'goes on' })
  expect(await repair()).toEqual({ repaired: [], lostRecords: [], lostCommits: [] })
}, 120_000)
