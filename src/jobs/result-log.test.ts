import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { digestOf } from '../model/index.ts'
import type { CatalogReducer } from '../repos/index.ts'
import { openTestStore, type TestStore } from '../repos/store.fixture.ts'
import type { EndedDatum } from './datum-run/datum-runner.ts'
import { jobsReducer } from './index.ts'
import type { DatumsDoneOp } from './ops.ts'
import { ResultLog } from './result-log.ts'

let opened: TestStore
let records: string[][]
let log: ResultLog

/** Hears each record of results. */
const listener: CatalogReducer = {
  name: 'listener',
  version: 1,
  tables: '',
  ops: [],
  hears: ['datums.done'],
  apply: (_, op) => void records.push(idsOf(op as DatumsDoneOp)),
  snapshot: () => [],
}
const idsOf = ({ datums }: DatumsDoneOp) => datums.map(({ id }) => id)

beforeEach(async () => {
  records = []
  opened = await openTestStore({ reducers: [jobsReducer, listener] })
  const { store } = opened
  const { repo } = await store.repos.create('out')
  const id = '00000000000040008000000000000001' as never
  log = new ResultLog(store, { job: { pipeline: repo, id }, code: { fingerprint: digestOf('') } })
})
afterEach(() => opened.close())

const item = digestOf('bytes')
const ended = (name: string, outputs: number): EndedDatum => ({
  datum: { id: digestOf(name), content: item, inputs: [] },
  why: { kind: 'new' },
  end: {
    state: 'success',
    outputs: Array.from({ length: outputs }, (_, n) => ({
      path: `${name}/${n}`,
      digest: item,
      size: 5,
    })),
    tries: 1,
    startedAt: 0,
    wallMs: 0,
  },
})
const ids = (...names: string[]) => names.map((name) => digestOf(name))

describe('results of datums with thousands of files', () => {
  const many = ['a', 'b', 'c', 'd', 'e'].map((name) => ended(name, 9000))

  test('are written in records none of which grows with all of the files', async () => {
    log.add(many)
    await log.flush()
    expect(records).toEqual([ids('a', 'b'), ids('c', 'd'), ids('e')])
    expect(log.written?.map(({ id }) => id)).toEqual(ids('a', 'b', 'c', 'd', 'e'))
  })

  test('go before the end of the job where they do not fit into its record', async () => {
    log.add(many)
    const last = await log.take()
    expect(records).toEqual([ids('a', 'b'), ids('c', 'd')])
    expect(idsOf(last)).toEqual(ids('e'))
    expect(log.written?.map(({ id }) => id)).toEqual(ids('a', 'b', 'c', 'd'))
    expect(idsOf(await log.take())).toEqual([])
  })

  test('are a record each where one alone is too much', async () => {
    log.add([ended('a', 1), ended('b', 30_000), ended('c', 1)])
    await log.flush()
    expect(records).toEqual([ids('a'), ids('b'), ids('c')])
  })
})

test('results of thousands of datums with a file each are one record', async () => {
  const names = Array.from({ length: 3000 }, (_, n) => `datum ${n}`)
  log.add(names.map((name) => ended(name, 1)))
  await log.flush()
  expect(records).toEqual([ids(...names)])
})

test('what is remembered of a datum is its record, not its files once more', async () => {
  log.add([ended('a', 100)])
  await log.flush()
  expect(log.written?.map((each) => Object.keys(each))).toEqual([['id', 'record']])
  expect(log.written?.[0]?.record.outputs).toHaveProperty('item')
})
