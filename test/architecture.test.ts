import { readdirSync } from 'node:fs'
import { cruise } from 'dependency-cruiser'
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config'
import { beforeAll, expect, test } from 'vitest'
import config, { mayUse } from '../.dependency-cruiser.mjs'

interface CruiseOutput {
  readonly summary: {
    readonly totalCruised: number
    readonly violations: readonly {
      readonly from: string
      readonly to: string
      readonly rule: { readonly name: string }
    }[]
  }
}

let output: CruiseOutput

beforeAll(async () => {
  const options = { ...config.options, ruleSet: { forbidden: config.forbidden }, validate: true }
  const result = await cruise(['src'], options as never, undefined, {
    tsConfig: extractTSConfig('tsconfig.json'),
  })
  output = result.output as unknown as CruiseOutput
})

test('imports go downwards only and every room is entered by its door', () => {
  const violations = output.summary.violations.map(
    ({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`,
  )
  expect(violations).toEqual([])
})

test('the checker really looked at the code', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  const modules = files.filter((file) => file.endsWith('.ts')).length
  expect(modules).toBeGreaterThan(100)
  expect(output.summary.totalCruised).toBeGreaterThanOrEqual(modules)
})

test('every room of the tree stands in the table of who may use whom', () => {
  const rooms = readdirSync('src', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
  expect(rooms.filter((room) => !(room in mayUse))).toEqual([])
})
