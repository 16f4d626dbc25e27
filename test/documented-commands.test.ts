import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { splitGlobalOptions } from '../src/cli/global-options.ts'
import { terminal } from '../src/cli/terminal.ts'
import { findVerb } from '../src/cli/verbs.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Verbs whose options are not commander's, or which only answer that they are not needed. */
const ownOptions = new Set(['download', 'service'])

const pages = [
  '.',
  'docs',
  'docs/format',
  'docs/decisions',
  'examples/download',
  'examples/image-quality',
]
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
  .filter((path) => path.endsWith('.md') && path !== join('docs', 'benchmarks.md'))

/** Calls of Varve in code: lines of blocks, and what stands between backticks. */
function callsIn(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8').replaceAll('\\\n', ' ')
  const calls = [...text.matchAll(/(?:^[ \t]*|`|<\(|\| )varve ((?:[a-z]|-)[^`#|>)\n]*)/gm)]
  return calls.map(([, words = '']) => words.trim())
}

async function faultOf(call: string): Promise<string | undefined> {
  const [verb = '', ...words] = splitGlobalOptions(call.split(/\s+/)).words
  if (verb === 'help') return undefined
  const make = await findVerb(verb)?.()
  if (make === undefined) return `there is no verb ${verb}`
  const options = { directory: undefined, json: false, color: false }
  let command: Command = make(terminal(options, new AbortController().signal))
  for (const word of words) {
    if (word.startsWith('-') || command.commands.length === 0) break
    const child = command.commands.find((each) => [each.name(), ...each.aliases()].includes(word))
    if (child !== undefined) command = child
    else if (/^[a-z]+$/.test(word)) return `there is no ${verb} ${word}`
    else break
  }
  if (ownOptions.has(verb)) return undefined
  const known = new Set(command.options.flatMap(({ long, short }) => [long, short]))
  if (words.includes('--help')) return undefined
  const flag = words.find((word) => /^--?[a-z]/.test(word) && !known.has(word.split('=')[0]))
  return flag === undefined ? undefined : `${command.name()} takes no ${flag}`
}

test.each(pages)('every command on %s exists, with its subject and its flags', async (page) => {
  const faults: string[] = []
  for (const call of callsIn(page)) {
    const fault = await faultOf(call)
    if (fault !== undefined) faults.push(`varve ${call}: ${fault}`)
  }
  expect(faults).toEqual([])
})
