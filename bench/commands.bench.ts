/**
 * Question: what do 2,000 command tasks cost beside the commands themselves? Yardstick: `make -j2`
 * running the same command. To reach: 1.5 times that, the isolation's own start shown apart.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Slots } from '../src/executors/index.ts'
import { openSandbox, type SandboxKind } from '../src/sandbox/index.ts'
import { systemClock, systemRandom } from '../src/util/index.ts'
import { rounds, scaled } from './harness.ts'

const count = scaled(2000)
const input = Buffer.from('a line of input\n')
const numbers = Array.from({ length: count }, (_, at) => at)

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}

function inFolder<T>(body: (folder: string) => T): T {
  return body(mkdtempSync(join(tmpdir(), 'varve-bench-')))
}

/** Milliseconds a task by make. */
function make(): number {
  return inFolder((folder) => {
    const rules = numbers.map((at) => {
      const dir = join(folder, String(at))
      mkdirSync(dir)
      writeFileSync(join(dir, 'in'), input)
      return `${String(at)}/out:\n\t@cd ${String(at)} && /bin/sh -c 'cat in > out'\n`
    })
    const targets = numbers.map((at) => `${String(at)}/out`).join(' ')
    writeFileSync(join(folder, 'Makefile'), `all: ${targets}\n${rules.join('')}`)
    const start = performance.now()
    execFileSync('make', ['-s', '-j2', 'all'], { cwd: folder })
    const each = (performance.now() - start) / count
    rmSync(folder, { recursive: true })
    return each
  })
}

async function sandboxed(mode: SandboxKind, tasks: readonly number[]): Promise<number> {
  const scratch = mkdtempSync(join(tmpdir(), 'varve-bench-'))
  const sandbox = await openSandbox({ mode, scratch, clock: systemClock, random: systemRandom })
  for (const at of tasks) mkdirSync(join(scratch, String(at)))
  const start = performance.now()
  await new Slots(2).forEach(tasks, async (at) => {
    const outcome = await sandbox.run({
      argv: ['/bin/sh', '-c', 'cat /pfs/in/in > /pfs/out/out'],
      env: {},
      inputs: [{ name: 'in', files: [{ path: 'in', content: input }] }],
      outDir: join(scratch, String(at)),
    })
    if (outcome.kind !== 'exited' || outcome.output.length !== 1) throw new Error(outcome.kind)
  })
  const each = (performance.now() - start) / tasks.length
  await sandbox.close()
  rmSync(scratch, { recursive: true })
  return each
}

const made: number[] = []
const plain: number[] = []
const bwrap: number[] = []
for (let round = 0; round < rounds; round += 1) {
  made.push(make())
  plain.push(await sandboxed('plain', numbers))
  bwrap.push(await sandboxed('bwrap', numbers.slice(0, Math.ceil(count / 10))))
}
const [yardstick, ours, isolated] = [median(made), median(plain), median(bwrap)]
console.log(`make -j2       ${yardstick.toFixed(2)} ms a command`)
console.log(`plain          ${ours.toFixed(2)} ms, ${(ours / yardstick).toFixed(2)} x make`)
console.log(
  `bwrap          ${isolated.toFixed(2)} ms, of which isolation ${(isolated - ours).toFixed(2)}`,
)
