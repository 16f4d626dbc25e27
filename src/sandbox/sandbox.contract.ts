import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { messageOf } from '../util/index.ts'
import { findCgroupRoots, removeCgroupRoots } from './cgroup.ts'
import { openRig, type SandboxRig } from './sandbox.fixture.ts'
import type { CommandOutcome, CommandTask, SandboxKind } from './types.ts'

const required = process.env['VARVE_REQUIRE_ALL'] === '1'

async function available(mode: SandboxKind): Promise<string | undefined> {
  try {
    await (await openRig(mode)).close()
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

function contentOf(outcome: CommandOutcome, path: string): string | undefined {
  const file = outcome.kind === 'exited' ? outcome.output.find((o) => o.path === path) : undefined
  return file?.kind === 'file' ? readFileSync(file.hostFile, 'utf8') : undefined
}

/** Processes of this machine whose command line has the text. */
function processesWith(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').includes(text)
      } catch {
        return false
      }
    })
}

/** Sessions whose folder is still there. */
function sessionsIn(scratch: string): number {
  return readdirSync(scratch)
    .filter((name) => name.startsWith('sandbox-'))
    .flatMap((name) => readdirSync(join(scratch, name)).map((task) => join(scratch, name, task)))
    .filter((task) => existsSync(join(task, 'control'))).length
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000
  while (!condition()) {
    expect(performance.now()).toBeLessThan(deadline)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const sandboxProcess = fileURLToPath(new URL('./sandbox-process.fixture.ts', import.meta.url))

const cgroups = findCgroupRoots(`varve-test-${String(process.pid)}`)
if (cgroups !== undefined) await removeCgroupRoots(cgroups)
const findsCgroups = cgroups !== undefined

/** A duration no other process of the machine sleeps for. */
let sleeps = 0
function uniqueSleep(): string {
  sleeps += 1
  return `sleep 3${String(process.pid)}.${String(sleeps)}`
}

/** What every mode promises, and what only isolation can. One file a mode, so that they run at once. */
export async function sandboxContract(mode: SandboxKind): Promise<void> {
  const reason = await available(mode)
  const skipped = reason !== undefined && !required
  describe.skipIf(skipped)(skipped ? `${mode} (skipped: ${reason})` : mode, () => {
    let rig: SandboxRig
    beforeAll(async () => {
      rig = await openRig(mode)
    })
    afterAll(async () => {
      expect(await rig.close()).toEqual([])
    })

    test('input is read at /pfs/<name>, output is taken from /pfs/out, sorted', async () => {
      const outcome = await rig.sh(
        'mkdir /pfs/out/b /pfs/out/empty; cat /pfs/in/dir/x > /pfs/out/b/y; : > /pfs/out/a',
      )
      expect(outcome).toMatchObject({
        kind: 'exited',
        accepted: true,
        output: [
          { path: 'a', size: 0 },
          { path: 'b/y', size: 3 },
        ],
      })
      expect(contentOf(outcome, 'b/y')).toBe('hi\n')
    })

    test('stdin lines and the environment reach the program', async () => {
      const outcome = await rig.sh('cat; echo "$A"; ls /pfs/in', {
        stdin: ['one', 'two'],
        env: { A: "it's $HOME" },
      })
      expect(outcome.log.text).toBe("one\ntwo\nit's $HOME\ndir\n")
    })

    test('environment names that a shell cannot export reach the program', async () => {
      const outcome = await rig.sh('', { argv: ['/usr/bin/env'], env: { 'my-repo': 'value' } })
      expect(outcome.log.text).toContain('\nmy-repo=value\n')
    })

    test('the language of the environment is fixed unless the task says otherwise', async () => {
      const seen = async (env: Readonly<Record<string, string>>): Promise<string[]> => {
        const { log } = await rig.sh('', { argv: ['/usr/bin/env'], env })
        return log.text.split('\n').filter((line) => /^(LANG|LC_|SHLVL|A=)/.test(line))
      }
      expect(await seen({ A: 'zwölf' })).toEqual(
        expect.arrayContaining(['A=zwölf', 'LANG=C.UTF-8']),
      )
      expect(await seen({})).toEqual(['LANG=C.UTF-8'])
      expect((await seen({ LANG: 'C', LC_ALL: 'POSIX' })).sort()).toEqual([
        'LANG=C',
        'LC_ALL=POSIX',
      ])
    })

    test('a program that does not read its large stdin is fine', async () => {
      const stdin = Array.from({ length: 20_000 }, () => 'x'.repeat(50))
      expect(await rig.sh('true', { stdin })).toMatchObject({ kind: 'exited', accepted: true })
    })

    test('the private /tmp is empty for every task', async () => {
      await rig.sh('mkdir /tmp/out && echo x > /tmp/out/file')
      const second = await rig.sh('ls /tmp | wc -l; mkdir /tmp/out')
      expect(second).toMatchObject({ kind: 'exited', accepted: true, log: { text: '0\n' } })
    })

    test('a listed exit code is accepted, another is not', async () => {
      const task = { acceptReturnCodes: [3] }
      expect(await rig.sh('exit 3', task)).toMatchObject({ accepted: true, code: 3 })
      expect(await rig.sh('exit 4', task)).toMatchObject({ accepted: false, code: 4, output: [] })
    })

    test('a missing program is named', async () => {
      const outcome = await rig.sh('', { argv: ['no-such-program-here', 'x'] })
      expect(outcome).toMatchObject({ kind: 'not-found', program: 'no-such-program-here' })
    })

    test('a hanging command ends at about its time', async () => {
      const sleep = uniqueSleep()
      const outcome = await rig.sh(`trap '' TERM; ${sleep} & ${sleep}; wait`, {
        limits: { wallMs: 500 },
      })
      expect(outcome).toMatchObject({ kind: 'timeout', allowedMs: 500 })
      expect(outcome.usage.wallMs).toBeLessThan(1500)
      expect(processesWith(sleep)).toEqual([])
    })

    test('a child in the background does not hold up the end and is killed', async () => {
      const sleep = uniqueSleep()
      const outcome = await rig.sh(`${sleep} & echo started`)
      expect(outcome).toMatchObject({ kind: 'exited', accepted: true, log: { text: 'started\n' } })
      expect(outcome.usage.wallMs).toBeLessThan(2000)
      expect(processesWith(sleep)).toEqual([])
    })

    test('an abort just after the start ends the command, and the sandbox goes on', async () => {
      const abort = new AbortController()
      setTimeout(() => abort.abort(), 1)
      const outcome = await rig.sh('sleep 30', {}, abort.signal)
      expect(outcome.kind).toBe('aborted')
      expect(await rig.sh('echo hi')).toMatchObject({ kind: 'exited', log: { text: 'hi\n' } })
    })

    test('an abort ends the whole tree', async () => {
      const sleep = uniqueSleep()
      const abort = new AbortController()
      setTimeout(() => abort.abort(), 300)
      const outcome = await rig.sh(`sh -c '${sleep}; :'; :`, {}, abort.signal)
      expect(outcome.kind).toBe('aborted')
      expect(processesWith(sleep)).toEqual([])
    })

    test('a command that fills the disk is stopped', async () => {
      const limits = { outputBytes: 2_000_000, wallMs: 20_000 }
      const oneFile = await rig.sh('cat /dev/zero > /pfs/out/x', { limits })
      expect(oneFile).toMatchObject({ kind: 'limit', limit: 'output' })
      const manyFiles = await rig.sh(
        'i=0; while :; do i=$((i+1)); head -c 500000 /dev/zero > /tmp/$i; done',
        { limits },
      )
      expect(manyFiles).toMatchObject({ kind: 'limit', limit: 'output', allowed: 2_000_000 })
    })

    test('a command that burns CPU is stopped', async () => {
      const outcome = await rig.sh('while :; do :; done', {
        limits: { cpuSeconds: 1, wallMs: 20_000 },
      })
      expect(outcome).toMatchObject({ kind: 'limit', limit: 'cpu', allowed: 1 })
    })

    test('a fork bomb is contained', async () => {
      const sleep = uniqueSleep()
      const script = `i=0; while [ $i -lt 100 ]; do ${sleep} & i=$((i+1)); done; wait`
      const limits = { processes: 20, wallMs: 5000 }
      const outcome = await rig.sh(script, { limits })
      expect(outcome).toMatchObject({ kind: 'limit', limit: 'processes', allowed: 20 })
      expect(processesWith(sleep)).toEqual([])
    })

    test('a memory hog ends by its limit, and would not have without', async () => {
      const hog = 'head -c 60000000 /dev/zero | tail -c 60000000 >/dev/null && echo survived'
      expect((await rig.sh(hog)).log.text).toBe('survived\n')
      const limits = { memoryBytes: 30_000_000, wallMs: 20_000 }
      const outcome = await rig.sh(hog, { limits })
      expect(outcome.log.text).not.toContain('survived')
      if (findsCgroups) {
        expect(outcome).toMatchObject({ kind: 'limit', limit: 'memory', allowed: 30_000_000 })
      } else expect(outcome).toMatchObject({ kind: 'exited', accepted: false })
    })

    test('a prepared folder cannot be changed for the others that are shown it', async () => {
      const dir = rig.newOut()
      writeFileSync(join(dir, 'x'), 'as it was')
      const inputs = [{ name: 'in', dir }]
      await rig.sh('echo changed > /pfs/in/x; echo new > /pfs/in/y; rm -f /pfs/in/x', { inputs })
      const next = await rig.sh('ls /pfs/in; cat /pfs/in/x; ln -s /pfs/in/x /pfs/out/x', { inputs })
      expect(next).toMatchObject({
        log: { text: 'x\nas it was' },
        output: [{ kind: 'input', path: 'x', input: 'in', inputPath: 'x' }],
      })
      expect(readdirSync(dir)).toEqual(['x'])
    })

    test('mounts are seen below folders of the system, beside what is there', async () => {
      const hostPath = join(rig.newOut(), 'token')
      writeFileSync(hostPath, 'secret\n')
      const extraMounts = [
        { hostPath, path: '/etc/varve-test/token' },
        { hostPath, path: '/etc/ssl/varve-test' },
        { hostPath, path: '/usr/local/varve-test/a b/token' },
        { hostPath: dirname(hostPath), path: '/usr/share/varve-test' },
        { hostPath, path: '/var/run/varve-test/token' },
        { hostPath, path: '/varve-test/token' },
      ]
      const paths = extraMounts.map(({ path }) => path).with(3, '/usr/share/varve-test/token')
      const outcome = await rig.sh(
        `${paths.map((path) => `cat '${path}'`).join('; ')}
        head -n 1 /etc/passwd; ls /usr/local/lib/.. >/dev/null && ls /etc/varve-test`,
        { extraMounts },
      )
      const passwd = readFileSync('/etc/passwd', 'utf8').split('\n', 1).join('')
      expect(outcome.log.text).toBe(`${'secret\n'.repeat(6)}${passwd}\ntoken\n`)
      expect(outcome).toMatchObject({ kind: 'exited', accepted: true })
      const made = [
        '/etc/varve-test',
        '/etc/ssl/varve-test',
        '/usr/local/varve-test',
        '/varve-test',
      ]
      expect(made.filter((path) => existsSync(path))).toEqual([])
    })

    test('a mount takes the place of what the system has at its path', async () => {
      const hostPath = join(rig.newOut(), 'passwd')
      writeFileSync(hostPath, 'nobody\n')
      const extraMounts = [{ hostPath, path: '/etc/passwd' }]
      const outcome = await rig.sh('cat /etc/passwd; cat /etc/group', { extraMounts })
      expect(outcome.log.text).toBe(`nobody\n${readFileSync('/etc/group', 'utf8')}`)
    })

    test('a user that cannot be had is named in the log', async () => {
      const { log } = await rig.sh('id -u', { user: 'nobody-of-this-name' })
      expect(log.text).toMatch(
        /^varve: user "nobody-of-this-name" of the spec is ignored: .+\n\d+\n$/,
      )
    })

    test('nothing is left when our process is killed', async () => {
      const sleep = uniqueSleep()
      const ours = spawn(process.execPath, [sandboxProcess, mode, `${sleep} & ${sleep}; :`])
      await until(() => processesWith(sleep).length > 1)
      ours.kill('SIGKILL')
      await until(() => processesWith(sleep).length === 0)
      await until(() => processesWith(`varve-launcher ${String(ours.pid)}`).length === 0)
    })

    test('an endless log is cut in the middle and says so', async () => {
      const outcome = await rig.sh('echo first; head -c 3000000 /dev/zero | tr "\\0" x; echo last')
      expect(outcome.log.text.startsWith('first\n')).toBe(true)
      expect(outcome.log.text.endsWith('last\n')).toBe(true)
      expect(outcome.log.text).toContain('bytes of log left out')
      expect(outcome.log.omittedBytes).toBeGreaterThan(2_800_000)
      expect(outcome.log.text.length).toBeLessThan(300_000)
    })

    test('links to an input file, an input folder and a file elsewhere become content', async () => {
      const outcome = await rig.sh(
        'ln -s /pfs/in/dir/x /pfs/out/f; ln -s /pfs/in /pfs/out/d; ' +
          'echo own > /tmp/own; ln -s /tmp/own /pfs/out/t; ln -s t /pfs/out/u',
      )
      const input = { kind: 'input', input: 'in', inputPath: 'dir/x' }
      expect(outcome).toMatchObject({
        output: [
          { path: 'd/dir/x', ...input },
          { path: 'f', ...input },
          { path: 't' },
          { path: 'u' },
        ],
      })
      expect(contentOf(outcome, 't')).toBe('own\n')
      expect(contentOf(outcome, 'u')).toBe('own\n')
    })

    test('output is there while it is taken, and gone with its folder after that', async () => {
      const seen: string[] = []
      const takeOutput: CommandTask['takeOutput'] = async (output) => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        for (const file of output) if (file.kind === 'file') seen.push(file.hostFile)
        expect(seen.map((path) => readFileSync(path, 'utf8'))).toEqual(['hi\n'])
      }
      await rig.sh('cp /pfs/in/dir/x /pfs/out/x', { takeOutput })
      expect(seen.map((path) => existsSync(path))).toEqual([false])
      await rig.sh('echo no > /pfs/out/x; exit 1', { takeOutput })
      expect(seen).toHaveLength(1)
      await expect(
        rig.sh('true', { takeOutput: () => Promise.reject(new Error('the store is full')) }),
      ).rejects.toThrow('the store is full')
    })

    test('what outlives its command writes into no later output', async () => {
      const writer = 'i=0; while [ $i -lt 40 ]; do i=$((i+1)); echo x > late; sleep 0.02; done'
      await rig.sh(`cd /pfs/out && setsid sh -c '${writer}' >/dev/null 2>&1 & sleep 0.05`)
      for (let later = 0; later < 3; later += 1) {
        expect(await rig.sh('sleep 0.05; ls -a /pfs/out')).toMatchObject({
          output: [],
          log: { text: '.\n..\n' },
        })
      }
    })

    test('a folder /pfs/out that the command made anew is its output, no folder is a fault', async () => {
      const anew = await rig.sh('rmdir /pfs/out 2>/dev/null; mkdir -p /pfs/out; : > /pfs/out/x')
      expect(anew).toMatchObject({ output: [{ path: 'x' }] })
      const linked = await rig.sh('rmdir /pfs/out 2>/dev/null && ln -s /etc /pfs/out; true')
      expect(linked).toMatchObject(
        mode === 'plain'
          ? { kind: 'bad-output', faults: [expect.stringContaining('/pfs/out')] }
          : { kind: 'exited', output: [] },
      )
    })

    test('pipes, dangling and circular links and names that are not UTF-8 are refused by name', async () => {
      const outcome = await rig.sh(
        'cd /pfs/out; mkfifo pipe; ln -s /nowhere gone; ln -s loop loop; ' +
          'mkdir d; ln -s ../d d/again; : > "$(printf "bad\\377")"',
      )
      const faults = outcome.kind === 'bad-output' ? outcome.faults.join('\n') : ''
      for (const name of ['pipe', 'gone', 'loop', 'd/again', 'bad']) {
        expect(faults).toContain(`/pfs/out/${name}`)
      }
    })

    test('pieces are handed to one command that stays alive, each with its own log', async () => {
      const session = await rig.sandbox.openSession({ argv: ['/bin/sh', '-c', script], env: {} })
      expect(await session.next(rig.piece('a'))).toMatchObject({
        kind: 'done',
        output: [{ path: 'a', size: 1 }],
        log: { text: 'begin\na\n' },
      })
      expect(await session.next(rig.piece('bad'))).toMatchObject({
        kind: 'failed',
        message: 'no bad',
        log: { text: 'bad\n' },
      })
      const third = await session.next(rig.piece('c'))
      expect(third).toMatchObject({ output: [{ path: 'c', size: 1 }], log: { text: 'c\n' } })
      expect(await session.finish()).toMatchObject({ kind: 'exited', log: { text: 'end\n' } })
    })

    test('the time limit of a session is that of each piece', async () => {
      const limits = { wallMs: 1000 }
      const argv = ['/bin/sh', '-c', script] as const
      const session = await rig.sandbox.openSession({ argv, env: {}, limits })
      for (const name of ['wait1', 'wait2', 'wait3']) {
        expect(await session.next(rig.piece(name))).toMatchObject({ kind: 'done' })
      }
      const outcome = { kind: 'timeout', allowedMs: 1000 }
      expect(await session.next(rig.piece('hang'))).toMatchObject({ kind: 'ended', outcome })
    })

    test('a command that ends early ends its session', async () => {
      const session = await rig.sandbox.openSession({
        argv: ['/bin/sh', '-c', 'pachctl next datum; exit 7'],
        env: {},
      })
      const outcome = await session.next({ inputs: [], outDir: rig.newOut(), env: {} })
      expect(outcome).toMatchObject({ kind: 'ended', outcome: { code: 7 } })
      await session.finish()
    })

    test('a command that dies while it waits for work is told nothing more', async () => {
      const argv = ['/bin/sh', '-c', `${oneRound}pachctl next datum & sleep 0.3; exit 7`] as const
      const session = await rig.sandbox.openSession({ argv, env: {} })
      expect(await session.next(rig.piece('a'))).toMatchObject({ kind: 'done' })
      await until(() => sessionsIn(rig.scratch) === 0)
      // The next files to be opened get the numbers of those that were closed.
      const files = Array.from({ length: 8 }, (_, place) => join(rig.newOut(), String(place)))
      const open = files.map((path) => openSync(path, 'w'))
      const outcome = { kind: 'exited', code: 7 }
      expect(await session.finish()).toMatchObject(outcome)
      expect(await session.next(rig.piece('b'))).toMatchObject({ kind: 'ended', outcome })
      for (const descriptor of open) closeSync(descriptor)
      expect(files.map((path) => readFileSync(path, 'utf8')).join('')).toBe('')
    })

    test('a session that is aborted while it waits for work is over', async () => {
      const abort = new AbortController()
      const argv = ['/bin/sh', '-c', script] as const
      const session = await rig.sandbox.openSession({ argv, env: {} }, abort.signal)
      expect(await session.next(rig.piece('a'))).toMatchObject({ kind: 'done' })
      abort.abort()
      await until(() => sessionsIn(rig.scratch) === 0)
      const outcome = { kind: 'aborted' }
      expect(await session.next(rig.piece('b'))).toMatchObject({ kind: 'ended', outcome })
      expect(await session.finish()).toMatchObject(outcome)
    })

    test('a command that dies while a piece is laid out for it ends its session', async () => {
      const sleep = uniqueSleep()
      const text = `${oneRound}pachctl next datum & ${sleep} & sleep 0.3; exit 7`
      const session = await rig.sandbox.openSession({ argv: ['/bin/sh', '-c', text], env: {} })
      expect(await session.next(rig.piece('a'))).toMatchObject({ kind: 'done' })
      const content = async (target: string): Promise<void> => {
        await until(() => processesWith(sleep).length === 0)
        await new Promise((resolve) => setTimeout(resolve, 100))
        writeFileSync(target, 'late')
      }
      const piece = { ...rig.piece('b'), inputs: [{ name: 'in', files: [{ path: 'x', content }] }] }
      const outcome = { kind: 'exited', code: 7 }
      expect(await session.next(piece)).toMatchObject({ kind: 'ended', outcome })
      await until(() => sessionsIn(rig.scratch) === 0)
    })

    test('a piece that could not be laid out leaves the command for the next one', async () => {
      const session = await rig.sandbox.openSession({ argv: ['/bin/sh', '-c', script], env: {} })
      const content = (): Promise<void> => Promise.reject(new Error('the disk is full'))
      const piece = { ...rig.piece('a'), inputs: [{ name: 'in', files: [{ path: 'x', content }] }] }
      await expect(session.next(piece)).rejects.toThrow('the disk is full')
      expect(await session.next(rig.piece('b'))).toMatchObject({ output: [{ path: 'b' }] })
      expect(await session.finish()).toMatchObject({ kind: 'exited', code: 0 })
    })

    test.skipIf(mode === 'plain')(
      'inputs and the system are read-only, /pfs/out is not',
      async () => {
        const outcome = await rig.sh(
          'for f in /pfs/in/dir/x /pfs/in/new /etc/varve /varve; do ' +
            '(: > $f) 2>/dev/null && echo "wrote $f"; done; : > /pfs/out/ok',
        )
        expect(outcome).toMatchObject({ log: { text: '' }, output: [{ path: 'ok' }] })
      },
    )

    test.skipIf(mode === 'plain')('there is no network unless asked for', async () => {
      const count = 'tail -n +3 /proc/net/dev | grep -vc " lo:\\|^ *lo:" || true'
      expect(await rig.sh(count)).toMatchObject({ log: { text: '0\n' } })
    })

    test.skipIf(mode === 'plain')('a child that leaves its session dies too', async () => {
      const sleep = uniqueSleep()
      await rig.sh(`setsid ${sleep} & sleep 0.05`)
      expect(processesWith(sleep)).toEqual([])
    })
  })
}

const oneRound = 'pachctl next datum; : > /pfs/out/done; '

const script = `
error=
echo begin
while :; do
  if [ -n "$error" ]; then pachctl next datum --error "$error" || break
  else pachctl next datum || break; fi
  . /pfs/.env
  error=
  echo "$PACH_DATUM_ID"
  case "$PACH_DATUM_ID" in
    bad) error="no bad"; continue ;;
    wait*) sleep 0.4 ;;
    hang) sleep 60 ;;
  esac
  cp "$in" "/pfs/out/$PACH_DATUM_ID"
done
echo end
`
