import type { Command } from 'commander'
import { VarveError } from '../../model/index.ts'
import type { Cli } from '../cli.ts'

/**
 * `create defaults` and `update defaults` of pachctl. A pipeline here is what its spec says and
 * nothing else: the same spec is the same pipeline in every project.
 */
export function refuseDefaults(parent: Command): void {
  defaultsOf(parent).action(() => {
    throw new VarveError('NOT_SUPPORTED', {
      what: 'Defaults for pipelines are not kept: a pipeline is what its spec says.',
      next: 'Write the fields into the specs, or once into a template of them (`create pipeline --jsonnet`).',
    })
  })
}

/** `inspect defaults` and `delete defaults`: there are none, which is the answer. */
export function noDefaults(cli: Cli, parent: Command): void {
  defaultsOf(parent).action(async () => cli.print({}, () => '{}\n'))
}

function defaultsOf(parent: Command): Command {
  return parent
    .command('defaults', { hidden: true })
    .alias('default')
    .argument('[words...]')
    .allowUnknownOption()
}
