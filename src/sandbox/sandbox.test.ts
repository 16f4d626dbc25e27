import { readFileSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openRig, type SandboxRig } from './sandbox.fixture.ts'
import type { CommandOutcome, SandboxKind } from './types.ts'

const modes: readonly SandboxKind[] = ['bwrap', 'unshare', 'plain']
const required = process.env['VARVE_REQUIRE_ALL'] === '1'

async function available(mode: SandboxKind): Promise<string | undefined> {
  try {
    await (await openRig(mode)).close()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const missing = new Map<SandboxKind, string>()
for (const mode of modes) {
  const reason = await available(mode)
  if (reason !== undefined) missing.set(mode, reason)
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

/** A duration no other process of the machine sleeps for. */
let sleeps = 0
function uniqueSleep(): string {
  sleeps += 1
  return `sleep 3${String(process.pid)}.${String(sleeps)}`
}

for (const mode of modes) {
  const reason = missing.get(mode)
  const skipped = reason !== undefined && !required
  const title = skipped ? `${mode} (skipped: ${reason})` : mode
  describe.skipIf(skipped)(title, () => {
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

    test('a memory hog is stopped', async () => {
      const outcome = await rig.sh('x=$(head -c 200000000 /dev/zero | tr "\\0" x); echo survived', {
        limits: { memoryBytes: 50_000_000, wallMs: 20_000 },
      })
      expect(outcome.kind === 'limit' || (outcome.kind === 'exited' && !outcome.accepted)).toBe(
        true,
      )
      expect(outcome.log.text).not.toContain('survived')
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

    test('pieces are handed to one command that stays alive', async () => {
      const session = await rig.sandbox.openSession({
        argv: ['/bin/sh', '-c', script],
        env: {},
      })
      const piece = (text: string): Parameters<typeof session.next>[0] => ({
        inputs: [{ name: 'in', files: [{ path: 'x', content: Buffer.from(text) }] }],
        outDir: rig.newOut(),
        env: { in: '/pfs/in/x', PACH_DATUM_ID: text },
      })
      const first = await session.next(piece('a'))
      expect(first).toMatchObject({ kind: 'done', output: [{ path: 'a', size: 1 }] })
      expect(await session.next(piece('bad'))).toMatchObject({ kind: 'failed', message: 'no bad' })
      expect(await session.next(piece('c'))).toMatchObject({ output: [{ path: 'c', size: 1 }] })
      expect(await session.finish()).toMatchObject({ kind: 'exited' })
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

const script = `
error=
while :; do
  if [ -n "$error" ]; then pachctl next datum --error "$error" || exit 0
  else pachctl next datum || exit 0; fi
  . /pfs/.env
  error=
  if [ "$PACH_DATUM_ID" = bad ]; then error="no bad"; continue; fi
  cp "$in" "/pfs/out/$PACH_DATUM_ID"
done
`
