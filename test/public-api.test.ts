import { expect, test } from 'vitest'
import { Varve } from '../src/engine/varve.ts'
import * as varve from '../src/index.ts'

test('the library exports these values and nothing else', () => {
  expect(Object.keys(varve).sort()).toMatchInlineSnapshot(`
    [
      "VarveError",
      "downloadInto",
      "errorCatalogue",
      "examine",
      "initProject",
      "isVarveError",
      "openInTurn",
      "openVarve",
      "operatorCatalogue",
      "readSpecSources",
      "reindexStore",
      "repairStore",
      "rowStatuses",
      "templates",
      "verifyProof",
      "watchProject",
    ]
  `)
})

test('an opened project has these nouns and verbs', () => {
  const names = Object.getOwnPropertyNames(Varve.prototype)
  expect(names.sort()).toMatchInlineSnapshot(`
    [
      "apply",
      "applyIfPresent",
      "archiveSources",
      "close",
      "commitId",
      "constructor",
      "deleteAll",
      "download",
      "folderSources",
      "fsck",
      "gc",
      "globFiles",
      "graph",
      "hasIngest",
      "history",
      "ingest",
      "isCommitId",
      "logs",
      "materialize",
      "materializeEach",
      "plan",
      "rehearse",
      "repo",
      "run",
      "saveFile",
      "saveFolder",
      "spool",
      "status",
      "stream",
      "streamTar",
      "subscribe",
      "untilDue",
      "waitFor",
      "why",
    ]
  `)
})
