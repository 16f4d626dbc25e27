import { expect, test } from 'vitest'
import { isVarveError, type VarveError } from '../model/index.ts'
import { orderPipelines } from './graph.ts'
import { cron, cross, pfs } from './inputs/input.fixture.ts'
import type { Input } from './types.ts'

const pipeline = (name: string, input: Input) => ({ project: 'default', name, input })
const reads = (name: string, ...repos: string[]) =>
  pipeline(name, cross(...repos.map((repo) => pfs(repo, '/'))))
const names = (specs: readonly { name: string }[]) => specs.map(({ name }) => name)
const images = (_: string, repo: string) => repo === 'images'

function failure(run: () => unknown): VarveError {
  try {
    run()
  } catch (error) {
    if (isVarveError(error)) return error
  }
  throw new Error('expected a VarveError')
}

test('pipelines come after those whose output they read, otherwise as written', () => {
  const diamond = [
    reads('d', 'b', 'c'),
    reads('c', 'a'),
    reads('b', 'a'),
    reads('a', 'images'),
    reads('e', 'images'),
  ]
  expect(names(orderPipelines(diamond, images))).toEqual(['a', 'b', 'c', 'd', 'e'])
})

test('a loop is named whole, and nothing beside it', () => {
  const loop = [reads('x', 'a'), reads('a', 'b', 'images'), reads('b', 'c'), reads('c', 'a')]
  const error = failure(() => orderPipelines(loop, images))
  expect(error.code).toBe('CYCLE')
  expect(error.data['pipelines']).toEqual(['a', 'b', 'c', 'a'])
  expect(failure(() => orderPipelines([reads('a', 'a')], images)).data['pipelines']).toEqual([
    'a',
    'a',
  ])
})

test('every missing repo is named at once; a cron input makes its own', () => {
  const specs = [
    reads('a', 'nowhere', 'images'),
    reads('b', 'a', 'gone'),
    pipeline('c', cron('tick')),
  ]
  const error = failure(() => orderPipelines(specs, images))
  expect(error.code).toBe('REPO_NOT_FOUND')
  expect(error.message).toBe(
    'There is no repo "nowhere" (read by pipeline "a"), "gone" (read by pipeline "b").',
  )
})

test('a chain of ten thousand pipelines is no problem', () => {
  const chain = Array.from({ length: 10_000 }, (_, at) =>
    reads(`p${at}`, at === 9_999 ? 'images' : `p${at + 1}`),
  )
  expect(orderPipelines(chain, images)[0]?.name).toBe('p9999')
})
