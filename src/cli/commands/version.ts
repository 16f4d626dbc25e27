import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { packageFile } from '../../util/index.ts'
import { alsoTakes, verb } from '../command.ts'
import { showOne, type ViewOptions } from '../views/show.ts'

interface VersionOptions extends ViewOptions {
  readonly clientOnly?: boolean
}

/** Of a server that would be older or newer than its client. */
const ofServer = ['--timeout <time>', '--enterprise', '--compare', '--print-architecture']

export function version(cli: Cli): Command {
  return alsoTakes(verb('version', 'Prints the version'), ofServer)
    .option('--client-only', 'the number and nothing else')
    .option('--raw', "pachctl's JSON, with its field names")
    .option('-o, --output <format>', '"json" or "yaml", for --raw')
    .action(async (options: VersionOptions) => {
      const { readFile } = await import('node:fs/promises')
      const { version: number } = JSON.parse(
        await readFile(packageFile('package.json'), 'utf8'),
      ) as { version: string }
      const versions = { varve: number, node: process.versions.node }
      if (options.clientOnly === true) return cli.print(versions, () => `${number}\n`)
      const text = (): string => `varve ${number} (Node ${versions.node})\n`
      await showOne(cli, options, versions, { raw: () => rawVersion(number), text })
    })
}

function rawVersion(text: string): unknown {
  const [, major, minor, micro, additional = ''] = /^(\d+)\.(\d+)\.(\d+)(.*)$/.exec(text) ?? []
  return { major: Number(major), minor: Number(minor), micro: Number(micro), additional }
}
