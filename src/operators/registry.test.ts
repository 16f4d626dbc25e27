import { expect, test } from 'vitest'
import { z } from 'zod'
import { isVarveError } from '../model/index.ts'
import {
  builtInOperators,
  createRegistry,
  defineOperator,
  describeOperator,
  parseParams,
} from './index.ts'

const registry = createRegistry(builtInOperators)

const shout = defineOperator({
  name: 'shout',
  version: 1,
  summary: 'Says it louder.',
  params: z.strictObject({ times: z.int().positive(), mark: z.string().default('!') }),
  run: () => Promise.resolve([]),
})

function faultOf(act: () => unknown): { code: string; message: string; data: unknown } {
  try {
    act()
  } catch (error) {
    if (isVarveError(error)) return { code: error.code, message: error.message, data: error.data }
    throw error
  }
  throw new Error('nothing was thrown')
}

test('built-in operators have unique kebab-case names, a version and a one-line summary', () => {
  const names = builtInOperators.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  for (const { name, version, summary } of builtInOperators) {
    expect(name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
    expect(version).toBeGreaterThanOrEqual(1)
    expect(summary).toMatch(/^[^\n]{10,110}\.$/)
  }
})

test('every built-in operator runs with all parameters left out', () => {
  for (const operator of builtInOperators)
    expect(parseParams(operator, undefined)).toBeTypeOf('object')
})

test('a mistyped operator is answered with the nearest name', () => {
  const fault = faultOf(() => registry.get('laplacien-variance'))
  expect(fault.code).toBe('OPERATOR_NOT_FOUND')
  expect(fault.message).toContain('Did you mean "laplacian-variance"?')
})

test('a name like nothing known gets no guess', () => {
  expect(faultOf(() => registry.get('zzzzzz')).message).not.toContain('Did you mean')
})

test('a later operator of the same name replaces the earlier one', () => {
  const mine = { ...shout, version: 7 }
  expect(createRegistry([shout, mine]).get('shout').version).toBe(7)
  expect(createRegistry([shout, mine]).operators).toHaveLength(1)
})

test('all faults of the parameters are reported at once', () => {
  const fault = faultOf(() => parseParams(shout, { times: 'x', marc: 1, volume: 2 }))
  expect(fault.code).toBe('PARAMS_INVALID')
  expect(fault.message).toMatch(/times: .*; marc: unknown, did you mean "mark"\?; volume: unknown/)
  expect(fault.data).toMatchObject({
    faults: [{ path: 'times' }, { path: 'marc' }, { path: 'volume' }],
  })
})

test('defaults are filled in, so that leaving one out and writing it give one fingerprint', () => {
  expect(parseParams(shout, { times: 1 })).toEqual(parseParams(shout, { times: 1, mark: '!' }))
})

test('the description of the parameters is a JSON Schema in the words a user types', () => {
  expect(describeOperator(shout)).toEqual({
    name: 'shout',
    version: 1,
    summary: 'Says it louder.',
    params: expect.objectContaining({
      type: 'object',
      required: ['times'],
      properties: expect.objectContaining({ mark: { type: 'string', default: '!' } }),
    }),
  })
})
