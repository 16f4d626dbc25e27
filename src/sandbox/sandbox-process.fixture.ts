/** A process of its own that runs one shell script in a sandbox: `<mode> <script>`; to be killed. */
import { openRig } from './sandbox.fixture.ts'
import type { SandboxKind } from './types.ts'

const [, , mode, script = ''] = process.argv
const rig = await openRig(mode as SandboxKind)
await rig.sh(script)
