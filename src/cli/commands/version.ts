import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { verb } from '../command.ts'

export function version(cli: Cli): Command {
  return verb('version', 'Prints the version')
    .option('--client-only', 'the number and nothing else')
    .action(async (options: { readonly clientOnly?: boolean }) => {
      const { readFile } = await import('node:fs/promises')
      const file = new URL('../../../package.json', import.meta.url)
      const { version: number } = JSON.parse(await readFile(file, 'utf8')) as { version: string }
      const versions = { varve: number, node: process.versions.node }
      await cli.print(versions, () =>
        options.clientOnly === true ? `${number}\n` : `varve ${number} (Node ${versions.node})\n`,
      )
    })
}
