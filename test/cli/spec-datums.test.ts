import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CliRig } from './cli.fixture.ts'

const rig = new CliRig()
const spec = (input: string): string => `
pipeline: { name: new }
input: ${input}
transform: { cmd: [cp, -r, /pfs, /pfs/out] }
`

beforeAll(async () => {
  await rig.must(['init'])
  for (const repo of ['a', 'b', 'empty']) await rig.must(['create', 'repo', repo])
  for (const path of ['a@master:x-1.txt', 'a@master:x-2.txt', 'a@master:d/y', 'b@master:z-1.txt'])
    await rig.must(['put', 'file', path], { input: path })
}, 120_000)

afterAll(() => rig.dispose())

interface Listed {
  readonly pipeline: string
  readonly id: string
  readonly inputs: readonly { readonly path: string }[]
}

async function selected(input: string): Promise<string[]> {
  writeFileSync(join(rig.folder, 'new.yaml'), spec(input))
  const listed = (await rig.json(['list', 'datum', '-f', 'new.yaml'])) as readonly Listed[]
  return listed.map(({ inputs }) => inputs.map(({ path }) => path).join(' '))
}

test('the datums a spec would have are listed without creating anything', async () => {
  const before = rig.storedBytes()
  expect(await selected('{ pfs: { repo: a, glob: "/*" } }')).toEqual(['d', 'x-1.txt', 'x-2.txt'])
  const join1 =
    '{ join: [{ pfs: { repo: a, glob: "/*-(*).txt", join_on: $1 } }, { pfs: { repo: b, glob: "/*-(*).txt", join_on: $1 } }] }'
  expect(await selected(join1)).toEqual(['x-1.txt z-1.txt'])
  expect(await selected('{ pfs: { repo: empty, glob: "/" } }')).toEqual([])
  expect(await selected('{ cron: { name: tick, spec: "@every 60s" } }')).toEqual([])
  expect(rig.storedBytes()).toEqual(before)
  expect((await rig.call(['inspect', 'pipeline', 'new'])).code).toBe(3)
})

test('they are the datums the pipeline has once it is created', async () => {
  const text = spec('{ pfs: { repo: a, glob: "/*" } }')
  writeFileSync(join(rig.folder, 'new.yaml'), text)
  const before = (await rig.json(['list', 'datum', '-f', 'new.yaml'])) as readonly Listed[]
  const table = await rig.must(['list', 'datum', '-f', '-'], { input: text })
  expect(table).toMatch(/^PIPELINE +DATUM +FILES +SIZE\nnew +[0-9a-f]{12} +\/a\/d +12B\n/)
  await rig.must(['create', 'pipeline', '-f', 'new.yaml'])
  const after = (await rig.json(['list', 'datum', 'new'])) as readonly Listed[]
  expect(before.map(({ id }) => id).sort()).toEqual(after.map(({ id }) => id).sort())
})

test('a spec that reads a repo nobody has is refused by name', async () => {
  const { code, stderr } = await rig.call(['list', 'datum', '-f', '-'], {
    input: spec('{ pfs: { repo: nowhere, glob: "/*" } }'),
  })
  expect(stderr).toContain('"nowhere"')
  expect(code).toBe(3)
})
