import { pad } from './table.ts'
import type { Style } from './style.ts'
import { verbGroups } from './verb-list.ts'

/** What `varve` alone prints: every verb with what it is for. */
export function helpText(style: Style): string {
  const groups = verbGroups.map(({ title, verbs }) => {
    const lines = verbs.map(({ name, summary }) => `  ${pad(name, 12, 'left')}${summary}\n`)
    return `${style('bold', title)}\n${lines.join('')}`
  })
  return `Varve: versioned datasets and incremental pipelines in one folder.

  varve init --template image-quality    a project to look at
  varve run                              bring everything up to date
  varve VERB --help                      more about one verb

${groups.join('\n')}
Everywhere: -C DIR (the project folder), --json, --no-color, --help.
Exit codes: 1 failed, 2 usage, 3 not found, 4 conflict, 5 locked, 6 damaged, 7 refused by the
machine, 130 interrupted. Words and flags of pachctl work: alias pachctl=varve.
`
}
