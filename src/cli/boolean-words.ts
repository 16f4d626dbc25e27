import type { Command } from 'commander'
import { namedCommands } from './command.ts'

/** `--progress=false` and `--raw=true` as pachctl takes them: the option, or nothing. */
export function withoutBooleanValues(command: Command, words: readonly string[]): string[] {
  const options = namedCommands(command, words).flatMap((named) => named.options)
  const end = words.indexOf('--')
  return words.flatMap((word, at) => {
    const [, name, value] = /^(--[\w-]+)=(true|false)$/.exec(word) ?? []
    const isPlain = name === undefined || (end >= 0 && at > end)
    if (isPlain || !options.some((each) => each.long === name && each.isBoolean())) return [word]
    return value === 'true' ? [name] : []
  })
}
