import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { verb } from '../command.ts'
import { pad } from '../table.ts'

const signs = { ok: ['green', 'ok'], warning: ['yellow', 'warn'], failed: ['red', 'FAIL'] } as const

export function doctor(cli: Cli): Command {
  return verb(
    'doctor',
    'Checks this machine and this project; exits with 1 when a check failed',
  ).action(async () => {
    const { examine } = await import('../../engine/index.ts')
    const checks = await examine(cli.directory)
    await cli.print(checks, () =>
      checks
        .map(({ name, state, found, hint }) => {
          const [colour, word] = signs[state]
          const line = `${cli.style(colour, pad(word, 4, 'left'))}  ${pad(name, 14, 'left')} ${found}\n`
          return hint === undefined ? line : `${line}      ${cli.style('dim', hint)}\n`
        })
        .join(''),
    )
    if (checks.some(({ state }) => state === 'failed')) cli.exitWith(1)
  })
}
