import type { Command } from 'commander'
import { beforeAll, expect, test } from 'vitest'
import { exampleLines } from './help-examples.ts'
import { terminal } from './terminal.ts'
import { verbNames } from './verb-list.ts'
import { findVerb } from './verbs.ts'

const commands = new Map<string, Command>()
beforeAll(async () => {
  const options = { directory: undefined, json: false, color: false }
  const cli = terminal(options, new AbortController().signal)
  for (const name of verbNames) {
    const make = await findVerb(name)?.()
    if (make !== undefined) commands.set(name, make(cli))
  }
})

/** The words of the call of Varve in a line, without its comment and what follows a pipe. */
const wordsOf = (line: string): string[] =>
  (/varve ([^#|>)]*)/.exec(line)?.[1] ?? '').trim().split(/\s+/)

test('every verb has an example', () => {
  const shown = new Set(exampleLines.map((line) => wordsOf(line)[0]))
  expect(verbNames.filter((name) => !shown.has(name))).toEqual([])
})

test.each(exampleLines)('`%s` has words and flags that there are', (line) => {
  const [verb = '', ...words] = wordsOf(line)
  const command = calledBy(commands.get(verb), words)
  expect(command, line).toBeDefined()
  if (verb === 'download') return
  const flags = words.filter((word) => /^-{1,2}[a-z]/.test(word) && word !== '--json')
  const known = command?.options.flatMap(({ long, short }) => [long, short]) ?? []
  expect(flags.filter((flag) => !known.includes(flag))).toEqual([])
})

/** The command that words name, undefined when a subject is none that the verb has. */
function calledBy(command: Command | undefined, words: readonly string[]): Command | undefined {
  const [word, ...rest] = words
  if (command === undefined || command.commands.length === 0 || word === undefined) return command
  const isSubject = !word.startsWith('-') && command.registeredArguments.length === 0
  const child = command.commands.find((each) => each.name() === word)
  return child === undefined && !isSubject ? command : calledBy(child, rest)
}
