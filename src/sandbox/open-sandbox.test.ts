import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock, systemRandom } from '../util/index.ts'
import { findProgram, machinePath } from './environment.ts'
import { openSandbox } from './open-sandbox.ts'
import { surveySandbox } from './survey-sandbox.ts'

const path = process.env['PATH']
let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'varve-few-programs-'))
  mkdirSync(join(folder, 'bin'))
  for (const name of ['bash', 'sh', 'cat', 'env']) {
    symlinkSync(findProgram(name, machinePath()) ?? '', join(folder, 'bin', name))
  }
  process.env['PATH'] = join(folder, 'bin')
})

afterEach(() => {
  process.env['PATH'] = path
  rmSync(folder, { recursive: true, force: true })
})

const options = () => ({ scratch: folder, clock: systemClock, random: systemRandom })

test('without bubblewrap and unshare commands run plainly, and a warning says what is lost', async () => {
  const sandbox = await openSandbox({ ...options(), mode: 'auto' })
  expect(sandbox.kind).toBe('plain')
  expect(sandbox.warnings.join('\n')).toMatch(
    /not isolated.*your files and the network.*bwrap \(bubblewrap\) is not installed; unshare/s,
  )
  const argv = ['/bin/sh', '-c', 'cat > /pfs/out/x'] as const
  const outcome = await sandbox.run({ argv, stdin: ['hi'], env: {}, inputs: [] })
  expect(outcome).toMatchObject({
    kind: 'exited',
    accepted: true,
    output: [{ path: 'x', size: 3 }],
  })
  await sandbox.close()
})

test.each(['bwrap', 'unshare'] as const)('%s asked for by name is refused', async (mode) => {
  await expect(openSandbox({ ...options(), mode })).rejects.toMatchObject({
    code: 'NOT_SUPPORTED',
    message: expect.stringContaining('is not installed') as string,
  })
})

test('a survey names the sandbox that would be opened, why no stronger one, and leaves nothing', async () => {
  const survey = await surveySandbox({ ...options(), mode: 'auto' })
  expect(survey).toMatchObject({
    kind: 'plain',
    passedOver: ['bwrap (bubblewrap) is not installed', expect.stringContaining('unshare')],
  })
  expect(readdirSync(folder)).toEqual(['bin'])
})
