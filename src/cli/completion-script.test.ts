import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { completionScript } from './completion-script.ts'
import { terminal } from './terminal.ts'
import { verbNames } from './verb-list.ts'
import { findVerb } from './verbs.ts'

const projects = `
varve() {
  case "$*" in
    "list repo --raw") printf '{\n    "name": "images",\n    "x": 1\n}\n' ;;
    "list pipeline --raw") printf '{\n    "name": "sharpness"\n}\n' ;;
  esac
}`

/** What bash offers for the last of these words. */
function offered(...words: readonly string[]): string[] {
  const script = `${completionScript('bash')}${projects}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _varve; echo "\${COMPREPLY[@]}"`
  const out = execFileSync('bash', ['-c', script, 'bash', 'varve', ...words], { encoding: 'utf8' })
  return out.trim().split(' ')
}

test('every verb and every subject that help shows is offered', async () => {
  const options = { directory: undefined, json: false, color: false }
  const cli = terminal(options, new AbortController().signal)
  expect(offered('')).toEqual(verbNames)
  for (const name of verbNames) {
    const command = (await findVerb(name)?.())?.(cli)
    const shown = command?.createHelp().visibleCommands(command) ?? []
    const subjects = shown.map((child) => child.name())
    if (subjects.length === 0) continue
    expect(offered(name, '').toSorted(), name).toEqual(subjects.toSorted())
  }
}, 60_000)

test.each([
  ['images', ['list', 'file', 'im']],
  ['images', ['log', '']],
  ['images', ['service', '--repo', '']],
  ['sharpness', ['inspect', 'pipeline', '']],
  ['sharpness', ['list', 'job', '-p', 's']],
])('%s is offered where it can stand: %j', (name, words) => {
  expect(offered(...words)).toEqual([name])
})
