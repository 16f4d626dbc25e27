import type { Command } from 'commander'
import { VarveError } from '../../model/index.ts'
import type { Cli } from '../cli.ts'
import { verb } from '../command.ts'
import { completionScript, isShell, shells } from '../completion-script.ts'

export function completion(cli: Cli): Command {
  return verb('completion', 'Prints a completion script')
    .argument('<shell>', shells.join(', '))
    .addHelpText('after', '\n  source <(varve completion bash)\n  varve completion fish | source\n')
    .action(async (shell: string) => {
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
