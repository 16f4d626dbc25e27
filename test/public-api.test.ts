import { expect, test } from 'vitest'
import { Varve } from '../src/engine/varve.ts'
import * as varve from '../src/index.ts'

test('the library exports these values and nothing else', () => {
  expect(Object.keys(varve).sort()).toMatchInlineSnapshot(`
    [
      "VarveError",
      "errorCatalogue",
      "examine",
      "initProject",
      "isVarveError",
      "openVarve",
      "operatorCatalogue",
      "readSpecSources",
      "reindexStore",
      "repairStore",
      "templates",
      "verifyProof",
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
      "folderSources",
      "fsck",
      "gc",
      "globFiles",
      "graph",
      "history",
      "isCommitId",
      "logs",
      "plan",
      "repo",
      "run",
      "saveFile",
      "saveFolder",
      "spool",
      "status",
      "subscribe",
      "waitFor",
      "why",
    ]
  `)
})
