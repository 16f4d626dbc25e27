import { afterAll, beforeAll, expect, test } from 'vitest'
import { CliRig, copyPipeline } from './cli.fixture.ts'

const rig = new CliRig()

beforeAll(async () => {
  await rig.must(['init'])
  await rig.must(['create', 'repo', 'a'])
  await rig.must(['put', 'file', 'a@master:x.txt'], { input: 'one' })
  await rig.must(['create', 'pipeline', '-f', '-'], { input: copyPipeline('b', 'a') })
  await rig.must(['run'])
}, 120_000)

afterAll(() => rig.dispose())

const reads: readonly (readonly string[])[] = [
  ['status'],
  ['list', 'repo'],
  ['list', 'branch', 'a'],
  ['list', 'commit', 'a@master'],
  ['list', 'file', 'a@master'],
  ['list', 'pipeline'],
  ['list', 'job'],
  ['list', 'datum', 'b@master'],
  ['list', 'project'],
  ['list', 'secret'],
  ['list', 'transaction'],
  ['list', 'tag'],
  ['inspect', 'repo', 'a'],
  ['inspect', 'branch', 'a@master'],
  ['inspect', 'commit', 'a@master'],
  ['inspect', 'file', 'a@master:x.txt'],
  ['inspect', 'pipeline', 'b'],
  ['glob', 'file', 'a@master:/*'],
  ['diff', 'a@master'],
  ['find', 'commit', 'a@master:x.txt'],
  ['log', 'a'],
  ['logs', '-p', 'b'],
  ['plan'],
  ['why', 'b@master:x.txt'],
  ['draw'],
  ['run'],
  ['apply'],
  ['fsck'],
  ['gc', '--dry-run'],
  ['delete', 'repo', 'a', '--dry-run', '--force'],
  ['doctor'],
  ['operators'],
  ['version'],
  ['completion', 'bash'],
  ['config', 'get', 'active-context'],
  ['auth', 'whoami'],
]

test.each(reads.map((words) => [words.join(' '), words] as const))(
  '`%s --json` is pure JSON on stdout, with and without a terminal',
  async (_, words) => {
    const piped = await rig.call([...words, '--json'])
    const typed = await rig.call([...words, '--json'], { terminal: true })
    expect(piped.code, piped.stderr).toBe(0)
    const value: unknown = piped.stdout === '' ? [] : JSON.parse(piped.stdout)
    expect(value).toBeTypeOf('object')
    // The terminal shows stderr too, which is empty for commands that have nothing to remark.
    if (piped.stderr === '' && typed.stdout !== '') JSON.parse(typed.stdout)
    expect(typed.code).toBe(0)
  },
)

test('on a terminal there are colours, and none with NO_COLOR, into a pipe or with --no-color', async () => {
  const escape = String.fromCharCode(27)
  const [typed, plain, piped, option] = await Promise.all([
    rig.call(['list', 'repo'], { terminal: true, env: { TERM: 'xterm' } }),
    rig.call(['list', 'repo'], { terminal: true, env: { TERM: 'xterm', NO_COLOR: '1' } }),
    rig.call(['list', 'repo']),
    rig.call(['list', 'repo', '--no-color'], { terminal: true, env: { TERM: 'xterm' } }),
  ])
  expect(typed.stdout).toContain(escape)
  for (const other of [plain, piped, option]) expect(other.stdout).not.toContain(escape)
})
