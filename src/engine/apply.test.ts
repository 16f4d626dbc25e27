import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openVarve, type Varve } from './index.ts'

let folder = ''
let varve: Varve

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'varve-apply-'))
  writeFileSync(join(folder, 'varve.yaml'), '')
  varve = await openVarve({ dir: folder })
})

afterEach(async () => {
  await varve.close()
  rmSync(folder, { recursive: true, force: true })
})

const copy = (name: string, repo: string, extra = ''): string => `
pipeline: { name: ${name} }
input: { pfs: { repo: ${repo}, glob: "/*" } }
transform: { operator: copy }
${extra}`

const documents = (...specs: string[]) => [{ file: 'specs.yaml', text: specs.join('---') }]

async function runAll(): Promise<void> {
  for await (const _ of varve.run()) continue
}

const names = (): string[] =>
  varve.pipelines
    .list()
    .map(({ key }) => key)
    .toSorted()

describe('several specs at once', () => {
  test('may come in any order and cause one set of jobs', async () => {
    await varve.repos.create('raw')
    await varve.repo('raw').commit(async (tx) => tx.put('a', 'one'))
    const { changes } = await varve.pipelines.change(
      documents(copy('second', 'first'), copy('first', 'raw')),
      { mode: 'create' },
    )
    expect(changes.map(({ kind, pipeline }) => [kind, pipeline])).toEqual([
      ['create', 'default/second'],
      ['create', 'default/first'],
    ])
    expect(new Set(varve.jobs.list().map(({ id }) => id)).size).toBe(1)
    await runAll()
    expect(Buffer.from(await varve.files.read('second@master', 'a')).toString()).toBe('one')
  })

  test('are updated together', async () => {
    await varve.repos.create('raw')
    await varve.repo('raw').commit(async (tx) => tx.put('a', 'one'))
    const both = [copy('second', 'first'), copy('first', 'raw')]
    await varve.pipelines.change(documents(...both), { mode: 'create' })
    await runAll()
    await varve.pipelines.change(documents(...both), { mode: 'update', reprocess: true })
    await runAll()
    expect(varve.pipelines.list().map(({ version }) => version)).toEqual([2, 2])
    expect(varve.jobs.list().every(({ state }) => state === 'success')).toBe(true)
    expect(varve.jobs.list({ pipeline: 'second' })).toHaveLength(2)
  })

  test.each([
    ['CYCLE', [copy('one', 'two'), copy('two', 'one')]],
    ['REPO_NOT_FOUND', [copy('fine', 'raw'), copy('bad', 'nowhere')]],
    ['OPERATOR_NOT_FOUND', [copy('fine', 'raw'), copy('bad', 'raw').replace('copy', 'kopy')]],
  ])('are all refused with %s', async (code, specs) => {
    await varve.repos.create('raw')
    const change = varve.pipelines.change(documents(...specs), { mode: 'create' })
    await expect(change).rejects.toMatchObject({ code })
    expect(names()).toEqual([])
    expect(varve.repos.list()).toHaveLength(1)
  })
})

describe('apply', () => {
  const project = (pipelines: string): string => `
repos:
  - name: raw
pipelines:
${pipelines}
`
  const item = (name: string, repo: string): string =>
    `  - ${JSON.stringify({ pipeline: { name }, input: { pfs: { repo, glob: '/*' } }, transform: { operator: 'copy' } })}\n`

  test('takes pipelines in any order', async () => {
    writeFileSync(
      join(folder, 'varve.yaml'),
      project(item('second', 'first') + item('first', 'raw')),
    )
    const { changes } = await varve.apply()
    expect(changes.map(({ text }) => text)).toEqual([
      'create repo raw',
      'create pipeline second',
      'create pipeline first',
    ])
    expect((await varve.apply()).changes).toEqual([])
  })

  test('mends by the next time what was changed by hand, though the file is the same', async () => {
    writeFileSync(join(folder, 'varve.yaml'), project(item('first', 'raw')))
    await varve.apply()
    await varve.pipelines.delete('first')
    expect((await varve.apply()).changes).toMatchObject([{ kind: 'pipeline', name: 'first' }])
  })

  test('sees a changed file', async () => {
    writeFileSync(join(folder, 'varve.yaml'), project(item('first', 'raw')))
    await varve.apply()
    writeFileSync(join(folder, 'varve.yaml'), project(item('first', 'raw') + item('other', 'raw')))
    expect((await varve.apply()).changes).toMatchObject([{ kind: 'pipeline', name: 'other' }])
  })

  describe('before a run', () => {
    const own = (glob: string): string => project(item('first', 'raw').replace('/*', glob))
    const glob = (): string => {
      const { input } = varve.pipelines.inspect('first').spec
      return input.kind === 'pfs' ? input.glob : ''
    }
    const applyOther = async (): Promise<void> => {
      const file = join(folder, 'other.yaml')
      writeFileSync(file, own('/other'))
      await varve.apply({ file })
    }
    const left = [expect.stringMatching(/^The pipeline "first" is not as .* declares it/)]

    test.each([['applied before'], ['never applied']])(
      'leaves what another file declared since, says so every time, and apply goes back: own file %s',
      async (before) => {
        writeFileSync(join(folder, 'varve.yaml'), own('/*'))
        if (before === 'applied before') await varve.apply()
        await applyOther()
        expect(await varve.applyIfPresent()).toEqual({ changes: [], warnings: left })
        expect(await varve.applyIfPresent()).toEqual({ changes: [], warnings: left })
        expect(glob()).toBe('/other')
        const { changes, warnings } = await varve.apply()
        expect([changes.map(({ text }) => text), warnings]).toEqual([['update pipeline first'], []])
        expect(glob()).toBe('/*')
        expect(await varve.applyIfPresent()).toEqual({ changes: [], warnings: [] })
      },
    )

    test('leaves a repo whose description was changed by another command', async () => {
      writeFileSync(join(folder, 'varve.yaml'), 'repos: { raw: { description: as declared } }')
      await varve.apply()
      await varve.repos.update('raw', { description: 'as said' })
      const { changes, warnings } = await varve.applyIfPresent()
      expect([changes, warnings]).toEqual([[], [expect.stringContaining('The repo "raw"')]])
      expect(varve.repos.inspect('raw').description).toBe('as said')
    })

    test('takes over what was edited in the file after that', async () => {
      writeFileSync(join(folder, 'varve.yaml'), own('/*'))
      await varve.apply()
      await applyOther()
      await varve.applyIfPresent()
      writeFileSync(join(folder, 'varve.yaml'), own('/edited'))
      const { changes, warnings } = await varve.applyIfPresent()
      expect([changes.map(({ text }) => text), warnings]).toEqual([['update pipeline first'], []])
      expect(glob()).toBe('/edited')
    })
  })

  test('changes nothing when the last pipeline cannot be', async () => {
    await varve.repos.create('mine')
    await varve.repo('mine').commit(async (tx) => tx.put('a', 'one'))
    // "mine" is a repo that somebody writes to: no pipeline may take its name.
    writeFileSync(join(folder, 'varve.yaml'), project(item('first', 'raw') + item('mine', 'raw')))
    await expect(varve.apply()).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    expect(names()).toEqual([])
    expect(varve.repos.exists('raw')).toBe(false)
  })
})

test('what another Varve noted of its last apply is no obstacle', async () => {
  writeFileSync(join(folder, 'varve.yaml'), 'repos:\n  - name: raw\n')
  await varve.apply()
  const file = join(folder, '.varve', 'applied.json')
  const { files, state, targets, warnings } = JSON.parse(readFileSync(file, 'utf8')) as Record<
    string,
    unknown
  >
  writeFileSync(file, JSON.stringify({ files, state, targets, warnings }))
  expect(await varve.apply({ keepChanged: true })).toEqual({ changes: [], warnings: [] })
})
