import type { OperatorDescription } from '../operators/index.ts'
import type { RunEvent } from '../jobs/index.ts'
import type { DownloadReport, DownloadRequest } from './download/request.ts'
import type { Check } from './check.ts'
import type { ProofCheck } from './file-proof.ts'
import type { InitReport, InitRequest, Template } from './init.ts'
import type { ReindexReport, RepairReport } from './maintain.ts'
import type { ReadOptions } from './read-specs.ts'
import type { CheckedSpecs, SpecSource } from './values.ts'
import type { WatchProjectRequest } from './watch-project.ts'

/*
 * Functions of this door that need no opened project. Their code comes with the first call, so that
 * opening a project to look at it does not load how one is made, examined or mended.
 */

/** Makes a project in a folder, empty or from a template. */
export async function initProject(request: InitRequest): Promise<InitReport> {
  return (await import('./init.ts')).initProject(request)
}

/** What `init --template` offers. */
export async function templates(): Promise<readonly Template[]> {
  return (await import('./init.ts')).templates()
}

/** Looks at the machine and the project a folder belongs to, and says what is missing. */
export async function examine(directory: string): Promise<readonly Check[]> {
  return (await import('./doctor.ts')).examine(directory)
}

/** Builds index and catalog anew from the segments alone. */
export async function reindexStore(directory: string): Promise<ReindexReport> {
  return (await import('./maintain.ts')).reindexStore(directory)
}

/** Brings a damaged store back to what can be read of it; see `docs/errors.md`, `STORE_DAMAGED`. */
export async function repairStore(directory: string): Promise<RepairReport> {
  return (await import('./maintain.ts')).repairStore(directory)
}

/** Runs what becomes due until the signal, and leaves the project to other writers in between. */
export async function* watchProject(request: WatchProjectRequest): AsyncGenerator<RunEvent> {
  yield* (await import('./watch-project.ts')).watchProject(request)
}

/** The built-in operators, or one of them; `OPERATOR_NOT_FOUND`. */
export async function operatorCatalogue(name?: string): Promise<readonly OperatorDescription[]> {
  return (await import('./operator-catalogue.ts')).operatorCatalogue(name)
}

/**
 * Checks a proof with nothing but itself: what it says of path, digest, size and mode follows from
 * its root. Whether the root is the right one is for the reader to know. Never rejects.
 */
export async function verifyProof(document: unknown): Promise<ProofCheck> {
  return (await import('./file-proof.ts')).verifyProof(document)
}

/** Reads spec files without touching a project; throws one `SPEC_INVALID` with every fault. */
export async function readSpecSources(
  sources: readonly SpecSource[],
  options: ReadOptions = {},
): Promise<CheckedSpecs> {
  return (await import('./read-specs.ts')).readSpecSources(sources, options)
}

/** Downloads a list into a folder, which becomes a project; `overwrite` empties it first. */
export async function downloadInto(request: DownloadRequest): Promise<DownloadReport> {
  return (await import('./download/download-into.ts')).downloadInto(request)
}
