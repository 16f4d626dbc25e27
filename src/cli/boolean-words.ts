import type { Command, Option } from 'commander'

/** `--progress=false` and `--raw=true` as pachctl takes them: the option, or nothing. */
export function withoutBooleanValues(command: Command, words: readonly string[]): string[] {
  const options = optionsOn(command, words)
  const end = words.indexOf('--')
  return words.flatMap((word, at) => {
    const [, name, value] = /^(--[\w-]+)=(true|false)$/.exec(word) ?? []
    const isPlain = name === undefined || (end >= 0 && at > end)
    if (isPlain || !options.some((each) => each.long === name && each.isBoolean())) return [word]
    return value === 'true' ? [name] : []
  })
}

/** The options of the verb and of the subjects the line names. */
function optionsOn(command: Command, words: readonly string[]): Option[] {
  const options = [...command.options]
  let named = command
  for (const word of words) {
    const next = named.commands.find((child) => [child.name(), ...child.aliases()].includes(word))
    if (next === undefined) continue
    named = next
    options.push(...named.options)
  }
  return options
}
