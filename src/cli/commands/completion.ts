import type { Command } from 'commander'
import { VarveError } from '../../model/index.ts'
import type { Cli } from '../cli.ts'
import { refuses, verb } from '../command.ts'
import { completionScript, isShell, shells } from '../completion-script.ts'

export function completion(cli: Cli): Command {
  const command = verb('completion', 'Prints a completion script')
  for (const flags of ['--install', '--path <file>']) {
    refuses(command, flags, {
      why: 'the script is printed, and nothing is installed.',
      next: 'Write it where your shell looks: `varve completion bash > /etc/bash_completion.d/varve`.',
    })
  }
  return command.argument('<shell>', shells.join(', ')).action(async (shell: string) => {
    if (!isShell(shell)) {
      throw new VarveError('USAGE', {
        what: `There is no completion for "${shell}".`,
        next: `Name one of ${shells.join(', ')}.`,
      })
    }
    const script = completionScript(shell)
    await cli.print({ shell, script }, () => script)
  })
}
