import { VarveError } from '../model/index.ts'
import type { SandboxOptions } from '../sandbox/index.ts'

type SandboxMode = SandboxOptions['mode']

const modes: readonly SandboxMode[] = ['auto', 'bwrap', 'unshare', 'plain']

/** How commands are kept apart: `VARVE_SANDBOX`, else the strongest that works. `USAGE` else. */
export function sandboxMode(asked = process.env['VARVE_SANDBOX']): SandboxMode {
  if (asked === undefined || asked === '') return 'auto'
  const mode = modes.find((name) => name === asked)
  if (mode !== undefined) return mode
  throw new VarveError('USAGE', {
    what: `VARVE_SANDBOX is "${asked}", which is no sandbox mode.`,
    next: `Set it to one of ${modes.join(', ')}, or to nothing.`,
    data: { mode: asked },
  })
}
