import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CliRig, copyPipeline } from './cli.fixture.ts'

const rig = new CliRig()

beforeAll(async () => {
  await rig.must(['init'])
  await rig.must(['create', 'repo', 'images'])
  await rig.must(['put', 'file', 'images@master:a/b.txt'], { input: 'b' })
  await rig.must(['create', 'pipeline', '-f', '-'], { input: copyPipeline('one', 'images') })
  await rig.must(['create', 'pipeline', '-f', '-'], { input: copyPipeline('two', 'one') })
  mkdirSync(join(rig.folder, 'folder'))
  const put = (name: string, text: string): void => writeFileSync(join(rig.folder, name), text)
  put('x.txt', 'x')
  put('cycle.yaml', copyPipeline('one', 'two'))
  put('exists.yaml', copyPipeline('one', 'images'))
  put('norepo.yaml', copyPipeline('three', 'nowhere'))
  put('glob.yaml', copyPipeline('three', 'images').replace('/*', '/[a'))
  put('operator.yaml', copyPipeline('three', 'images').replace('copy', 'coppy'))
  put('syntax.yaml', 'pipeline: { name: three\ninput: [')
  put(
    'many.yaml',
    'pipeline: { nam: three }\ninput:\n  pfs: { repo: images, globb: / }\ntransform:\n  cmdd: [true]\n',
  )
}, 120_000)

afterAll(() => rig.dispose())

interface Fault {
  readonly words: readonly string[]
  readonly code: string
  readonly exit: number
  readonly says?: RegExp
}

const faults: readonly Fault[] = [
  { words: ['list', 'repos', 'images'], code: 'USAGE', exit: 2, says: /`varve list repo --help`/ },
  { words: ['run', 'cron', 'one'], code: 'USAGE', exit: 2, says: /one has no cron input/ },
  {
    words: ['get', 'file', 'images@master:z'],
    code: 'FILE_NOT_FOUND',
    exit: 3,
    says: /file images@/,
  },
  {
    words: ['list', 'file', 'images@master^9'],
    code: 'COMMIT_NOT_FOUND',
    exit: 3,
    says: /Run `varve list commit images`\./,
  },
  { words: ['stauts'], code: 'USAGE', exit: 2, says: /Did you mean "status"/ },
  { words: ['list', 'repoo'], code: 'USAGE', exit: 2, says: /Did you mean "repo"/ },
  { words: ['list', 'repo', '--frob'], code: 'USAGE', exit: 2, says: /--frob/ },
  { words: ['list'], code: 'USAGE', exit: 2, says: /`varve list`.*repo, branch/ },
  { words: ['config', 'get'], code: 'USAGE', exit: 2, says: /`varve config get`.*active-context/ },
  { words: ['put', 'file'], code: 'USAGE', exit: 2 },
  { words: ['put', 'file', 'images@master'], code: 'USAGE', exit: 2, says: /stdin/ },
  {
    words: ['put', 'file', 'images@master', '-f', 'folder'],
    code: 'USAGE',
    exit: 2,
    says: /folder/,
  },
  {
    words: ['put', 'file', 'images@master', '-f', 'gone.txt'],
    code: 'IO_FAILED',
    exit: 7,
    says: /gone/,
  },
  {
    words: ['put', 'file', 'imagse@master', '-f', 'x.txt'],
    code: 'REPO_NOT_FOUND',
    exit: 3,
    says: /"images"/,
  },
  { words: ['put', 'file', 'images@master:../x', '-f', 'x.txt'], code: 'PATH_INVALID', exit: 2 },
  { words: ['put', 'file', 'images@master:a', '-f', 'x.txt'], code: 'PATH_CONFLICT', exit: 4 },
  { words: ['get', 'file', 'images@master:gone'], code: 'FILE_NOT_FOUND', exit: 3 },
  { words: ['get', 'file', 'images@master:a'], code: 'USAGE', exit: 2, says: /folder/ },
  { words: ['list', 'file', 'images@mastr'], code: 'BRANCH_NOT_FOUND', exit: 3, says: /"master"/ },
  { words: ['glob', 'file', 'images@master:/[a'], code: 'GLOB_INVALID', exit: 2 },
  { words: ['create', 'repo', 'images'], code: 'ALREADY_EXISTS', exit: 4 },
  { words: ['create', 'repo', 'a b'], code: 'NAME_INVALID', exit: 2 },
  {
    words: ['create', 'repo', 'long'.repeat(50)],
    code: 'NAME_INVALID',
    exit: 2,
    says: /too long[^]*128/,
  },
  {
    words: ['apply', '-f', 'norepo.yaml'],
    code: 'USAGE',
    exit: 2,
    says: /pipeline spec[^]*create pipeline -f norepo.yaml/,
  },
  { words: ['delete', 'repo', 'images'], code: 'IN_USE', exit: 4, says: /one/ },
  { words: ['delete', 'file', 'images@master:a'], code: 'USAGE', exit: 2, says: /-r|folder/ },
  { words: ['delete', 'pipeline', 'one'], code: 'IN_USE', exit: 4, says: /two/ },
  { words: ['delete', 'all'], code: 'USAGE', exit: 2, says: /deletes/ },
  { words: ['start', 'commit', 'one@master'], code: 'IN_USE', exit: 4 },
  { words: ['inspect', 'pipeline', 'oen'], code: 'PIPELINE_NOT_FOUND', exit: 3 },
  {
    words: ['inspect', 'job', 'one@4c1f5d1e0a4e4f2c8d7b6a5948372615'],
    code: 'JOB_NOT_FOUND',
    exit: 3,
  },
  { words: ['wait', 'job', 'oen'], code: 'PIPELINE_NOT_FOUND', exit: 3, says: /"one"/ },
  { words: ['why', 'images'], code: 'USAGE', exit: 2, says: /is a repo[^]*why images@master:PATH/ },
  { words: ['why', 'images@master'], code: 'USAGE', exit: 2, says: /why images@master:PATH/ },
  { words: ['why', 'oen'], code: 'PIPELINE_NOT_FOUND', exit: 3, says: /"one"/ },
  { words: ['inspect', 'secret', 'gone'], code: 'SECRET_NOT_FOUND', exit: 3 },
  { words: ['create', 'pipeline', '-f', 'exists.yaml'], code: 'ALREADY_EXISTS', exit: 4 },
  { words: ['create', 'pipeline', '-f', 'norepo.yaml'], code: 'REPO_NOT_FOUND', exit: 3 },
  { words: ['update', 'pipeline', '-f', 'cycle.yaml'], code: 'CYCLE', exit: 4 },
  {
    words: ['create', 'pipeline', '-f', 'glob.yaml'],
    code: 'SPEC_INVALID',
    exit: 2,
    says: /closed|compile/,
  },
  {
    words: ['create', 'pipeline', '-f', 'operator.yaml'],
    code: 'OPERATOR_NOT_FOUND',
    exit: 3,
    says: /"copy"/,
  },
  { words: ['create', 'pipeline', '-f', 'syntax.yaml'], code: 'SPEC_INVALID', exit: 2 },
  { words: ['config', 'set', 'active-context', 'x'], code: 'USAGE', exit: 2 },
  { words: ['completion', 'tcsh'], code: 'USAGE', exit: 2 },
  { words: ['init'], code: 'ALREADY_EXISTS', exit: 4 },
  {
    words: ['init', 'new', '--template', 'image-qualty'],
    code: 'USAGE',
    exit: 2,
    says: /image-quality/,
  },
  { words: ['next', 'datum'], code: 'USAGE', exit: 2 },
  { words: ['-C', '/', 'list', 'repo'], code: 'PROJECT_NOT_FOUND', exit: 3 },
]

test.each(faults.map((fault) => [fault.words.join(' '), fault] as const))(
  '`%s` gives one error with its code and the next step, and changes nothing',
  async (_, { words, code, exit, says }) => {
    const before = rig.storedBytes()
    const ended = await rig.call([...words, '--json'])
    const { error } = JSON.parse(ended.stdout) as {
      error: { code: string; what: string; next: string; data: object }
    }
    expect(error.code, error.what).toBe(code)
    expect(ended.code).toBe(exit)
    expect(error.next).not.toBe('')
    expect(error.data).toBeTypeOf('object')
    if (says !== undefined) expect(`${error.what} ${error.next}`).toMatch(says)
    expect(ended.stderr).toContain(`[${code}]`)
    expect(rig.storedBytes()).toEqual(before)
  },
)

test('all faults of a spec come at once, each with line and column', async () => {
  const { stdout, stderr } = await rig.call(['create', 'pipeline', '-f', 'many.yaml', '--json'])
  const { error } = JSON.parse(stdout) as {
    error: { data: { faults: { line: number; column: number; message: string }[] } }
  }
  const lines = error.data.faults.map(({ line }) => line)
  expect(lines).toEqual(expect.arrayContaining([1, 3, 5]))
  expect(lines).toEqual(lines.toSorted((a, b) => a - b))
  for (const name of ['name', 'glob', 'cmd']) expect(stderr).toContain(`"${name}"`)
  expect(stderr).toContain('many.yaml:3:')
})

test('the way into a new project is spelled as a shell takes it', async () => {
  const said = await rig.must(['init', "Bob's Bücher"])
  expect(said).toContain(String.raw`cd 'Bob'\''s Bücher'`)
  expect(await rig.must(['init', 'plain-1'])).toContain('cd plain-1\n')
})
