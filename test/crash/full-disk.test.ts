import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ProcessProject } from './process.fixture.ts'

const mustRun = process.env['VARVE_REQUIRE_ALL'] === '1'

/** A file system of a few megabytes; undefined where this user may not mount one. */
function smallDisk(megabytes: number): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'varve-small-'))
  try {
    const options = ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]
    execFileSync('mount', options, { stdio: 'ignore' })
    return folder
  } catch {
    rmSync(folder, { recursive: true })
    return undefined
  }
}

const disk = smallDisk(6)

test.skipIf(disk === undefined && !mustRun)(
  'a disk that is really full refuses with DISK_FULL, and the command works when there is room (needs root to mount a tmpfs)',
  { timeout: 120_000 },
  async () => {
    if (disk === undefined) throw new Error('a small tmpfs cannot be mounted here')
    try {
      await fillAndFree(disk)
    } finally {
      execFileSync('umount', [disk])
      rmSync(disk, { recursive: true })
    }
  },
)

async function fillAndFree(disk: string): Promise<void> {
  const project = new ProcessProject(disk)
  await project.must('init')
  await project.must('create', 'repo', 'r')
  const sources = mkdtempSync(join(tmpdir(), 'varve-sources-'))
  mkdirSync(join(sources, 'few'))
  writeFileSync(join(sources, 'few/small'), 'small')
  mkdirSync(join(sources, 'many'))
  for (let i = 0; i < 30; i++) {
    writeFileSync(join(sources, `many/file-${i}`), `${i} `.repeat(50_000))
  }
  const put = (folder: string) => ['put', 'file', 'r@master', '-r', '-f', join(sources, folder)]
  await project.must(...put('few'))
  const ballast = join(disk, 'ballast')
  writeFileSync(ballast, Buffer.alloc(2 << 20))
  const heads = () =>
    project.with('read', (varve) => varve.history({ repo: 'r', branch: 'master' }).length)

  for (let tries = 0; tries < 3; tries++) {
    const full = await project.run(...put('many'), '--json')
    expect(full.code, full.stderr).toBe(7)
    const { error } = JSON.parse(full.stdout) as { error: { code: string; next: string } }
    expect(error.code).toBe('DISK_FULL')
    expect(error.next).not.toBe('')
    expect(await heads()).toBe(1)
  }
  rmSync(ballast)
  const { files } = await project.with('read', (varve) => varve.commits.inspect('r@master'))
  expect(files).toMatch(/^[0-9a-f]{64}$/)
  await project.must(...put('many'))
  expect(await heads()).toBe(2)
  await project.must('fsck', '--read-data')
  rmSync(sources, { recursive: true })
  project.remove()
}
