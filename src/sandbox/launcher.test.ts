import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Launcher } from './launcher.ts'

/** A launcher of which each command ends at the moment its log is to be cut. */
const endsWhenCut = (begun: string) => `
trap 'printf "said\\0%s ended 0\\0" "$mark"' HUP
printf '\\0ready\\0'
while head=$(head -c 64) && [ -n "$head" ]; do
  mark=$(echo $head | cut -d ' ' -f 1)
  head -c "$(echo $head | cut -d ' ' -f 2)" >/dev/null
  printf 'began\\n'; : > ${begun}
  while [ -n "$mark" ]; do sleep 0.02; done
done
`

test('a command that ends while its log is cut leaves the cut to nobody else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'varve-launcher-'))
  const begun = join(folder, 'begun')
  const launcher = new Launcher(['bash', '-c', endsWhenCut(begun)])
  onTestFinished(async () => {
    await launcher.close()
    rmSync(folder, { recursive: true })
  })
  const ended = launcher.run('true', 'mark1')
  await vi.waitUntil(() => existsSync(begun), { timeout: 20_000 })
  const cut = await launcher.cutLog()
  expect(cut.text).toBe('began\nsaid')
  expect(await ended).toMatchObject({ code: 0, log: { text: '' } })
})
