import { tmpdir } from 'node:os'
import type { CommitId } from '../model/index.ts'
import { makeBatches } from './batches.ts'
import { Catalog } from './catalog/catalog.ts'
import { Reducers } from './catalog/reducers.ts'
import { repoReducer } from './catalog/repo-reducer.ts'
import { fetchUrl } from './files/fetch-url.ts'
import { TreeContent } from './files/tree-content.ts'
import { Gate } from './gate.ts'
import { makeMaintenance } from './maintenance/maintenance.ts'
import { makeNouns } from './nouns.ts'
import { requireRepo } from './queries.ts'
import type { Scope, Tools, Tx } from './scope.ts'
import { Transaction } from './transaction.ts'
import type { Store, StoreOptions } from './types/store.ts'
import type { StoreTx } from './types/transaction.ts'
import { Watch } from './watch.ts'

/**
 * Opens the versioned store over opened segments and brings its catalog up to date.
 * @throws FORMAT_TOO_NEW, STORE_DAMAGED
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const reducers = new Reducers([repoReducer, ...(options.reducers ?? [])])
  const catalog = await Catalog.open({
    segments: options.segments,
    file: options.catalogFile,
    reducers,
    readOnly: options.readOnly === true,
    checkpointPartBytes: options.checkpointPartBytes,
    ...(options.notice === undefined ? {} : { notice: options.notice }),
  })
  const tools = makeTools(options, catalog)
  const watch = new Watch(catalog)
  const transact = <T>(work: (tx: Transaction) => Promise<T> | T): Promise<T> =>
    tools.gate.share(() => runTransaction({ options, catalog, tools, watch }, work))
  const adding = async <T>(work: () => Promise<T>): Promise<T> => {
    catalog.checkWritable()
    return tools.gate.share(work)
  }
  const scope: Scope = {
    db: catalog.reader,
    tools,
    write: <T>(work: (tx: Tx) => Promise<T> | T) => transact(work),
    adding,
  }
  const nouns = makeNouns(scope)
  return {
    ...nouns,
    db: catalog.reader,
    content: tools.content,
    maintenance: makeMaintenance({ catalog, reducers, tools, clock: options.clock }),
    batches: makeBatches(scope),
    transact: (work: (tx: StoreTx) => never) => transact(work),
    rehearse: async (work) => {
      const session = { db: catalog.reader, ops: [], emit: () => {} }
      const transaction = new Transaction(session, options.clock.now(), tools)
      const answer = await work(transaction)
      await transaction.judge(options.propagation ?? {})
      return answer
    },
    adding,
    waitCommit: (ref, { signal } = {}) => watch.commit(ref, signal),
    waitSet: (id: CommitId, { signal } = {}) => watch.set(id, signal),
    subscribe: (branch, subscription) => watch.subscribe(branch, subscription ?? {}),
    changed: async ({ signal } = {}) => watch.changed(signal),
    close: async () => {
      watch.close()
      await catalog.exclusive(async () => catalog.close())
    },
  }
}

function makeTools(options: StoreOptions, catalog: Catalog): Tools {
  const { segments, random } = options
  return {
    segments,
    random,
    content: new TreeContent(segments, (repo) => requireRepo(catalog.reader, repo).lane),
    gate: new Gate(),
    fetch: options.fetch ?? fetchUrl,
    temporaryDirectory: options.temporaryDirectory ?? tmpdir(),
  }
}

interface Opened {
  readonly options: StoreOptions
  readonly catalog: Catalog
  readonly tools: Tools
  readonly watch: Watch
}

async function runTransaction<T>(
  { options, catalog, tools, watch }: Opened,
  work: (tx: Transaction) => Promise<T> | T,
): Promise<T> {
  const at = options.clock.now()
  let transaction: Transaction | undefined
  const result = await catalog.transact(at, async (session) => {
    transaction = new Transaction(session, at, tools)
    const answer = await work(transaction)
    await transaction.end(options.propagation ?? {})
    return answer
  })
  const events = transaction?.events() ?? []
  if (events.length > 0) options.listener?.(events)
  watch.wake()
  return result
}
