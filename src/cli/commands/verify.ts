import { InvalidArgumentError, type Command } from 'commander'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { verifyProof, type ProofCheck } from '../../engine/index.ts'
import { VarveError } from '../../model/index.ts'
import type { Cli } from '../cli.ts'
import { verb } from '../command.ts'
import { fields } from '../table.ts'

interface VerifyFlags {
  readonly root?: string
  readonly data?: string
}

/** Needs no project: a proof is checked by what is in it. Exit code 1 when it does not hold. */
export function verify(cli: Cli): Command {
  return verb('verify', 'Checks a proof made by `inspect file --proof`; needs no project')
    .argument('<proof.json>', 'the proof; "-" reads stdin')
    .option(
      '--root <digest>',
      'the root that is known to be right; the proof must be of it',
      digest,
    )
    .option('--data <file>', 'a copy of the file: its bytes must be those proven')
    .action(async (file: string, flags: VerifyFlags) => {
      const check = await checked(cli, await readProof(cli, file), flags)
      if (!check.valid) cli.exitWith(1)
      await cli.print(check, () => text(cli, check, flags))
    })
}

async function checked(cli: Cli, proof: unknown, flags: VerifyFlags): Promise<ProofCheck> {
  const check = await verifyProof(proof)
  if (!check.valid) return check
  if (flags.root !== undefined && flags.root !== check.root) {
    return { valid: false, reason: `it is of the root ${check.root}` }
  }
  if (flags.data === undefined) return check
  const found = await digestOfFile(resolve(cli.workingDirectory, flags.data))
  return found === check.digest
    ? check
    : { valid: false, reason: `${flags.data} has the digest ${found}, not ${check.digest}` }
}

function text(cli: Cli, check: ProofCheck, { root }: VerifyFlags): string {
  if (!check.valid) return `${cli.style('red', 'Invalid:')} ${check.reason}.\n`
  const head = `${cli.style('green', 'Valid:')} the tree holds this file.\n`
  const lines = fields(
    [
      ['Path', check.path],
      ['Digest', check.digest],
      ['Root', `${check.root}${root === undefined ? ' (compare it with one you trust)' : ''}`],
    ],
    cli.style,
  )
  return head + lines
}

async function readProof(cli: Cli, file: string): Promise<unknown> {
  try {
    return JSON.parse(await readText(cli, file)) as unknown
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined
    throw unreadable(file, cause)
  }
}

async function readText(cli: Cli, file: string): Promise<string> {
  if (file !== '-') return readFile(resolve(cli.workingDirectory, file), 'utf8')
  const chunks: Uint8Array[] = []
  for await (const chunk of cli.input()) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function digestOfFile(file: string): Promise<string> {
  const sum = createHash('sha256')
  try {
    for await (const chunk of createReadStream(file)) sum.update(chunk as Uint8Array)
  } catch (cause) {
    throw unreadable(file, cause)
  }
  return sum.digest('hex')
}

function unreadable(file: string, cause: unknown): VarveError {
  return new VarveError('IO_FAILED', {
    what: `Cannot read ${file}.`,
    next: 'Check the path and its permissions.',
    data: { file },
    cause,
  })
}

function digest(text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return text
  throw new InvalidArgumentError('It must be 64 hexadecimal digits.')
}
