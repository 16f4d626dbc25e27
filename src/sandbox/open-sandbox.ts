import type { Sandbox, SandboxOptions } from './types.ts'

export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  throw new Error(`not yet: ${options.mode}`)
}
