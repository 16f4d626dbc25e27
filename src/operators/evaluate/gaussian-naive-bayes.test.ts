import fc from 'fast-check'
import { expect, test } from 'vitest'
import { labelProbabilities, trainNaiveBayes } from './gaussian-naive-bayes.ts'

const rows = [
  { label: 'low', features: [1, 10] },
  { label: 'low', features: [3, 14] },
  { label: 'high', features: [7, 10] },
  { label: 'high', features: [9, 11] },
]

test('means, variances and priors are those of the training rows', () => {
  const [high, low] = trainNaiveBayes(rows)
  expect(high).toMatchObject({ label: 'high', prior: 0.5, means: [8, 10.5] })
  expect(low).toMatchObject({ label: 'low', prior: 0.5, means: [2, 12] })
  expect(low?.variances[0]).toBeCloseTo(1, 6)
  expect(low?.variances[1]).toBeCloseTo(4, 6)
})

test('a probability follows from Bayes with normal densities', () => {
  const model = [
    { label: 'a', prior: 0.25, means: [0], variances: [1] },
    { label: 'b', prior: 0.75, means: [2], variances: [4] },
  ]
  const density = (x: number, mean: number, variance: number): number =>
    Math.exp(-((x - mean) ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance)
  const a = 0.25 * density(1, 0, 1)
  const b = 0.75 * density(1, 2, 4)
  const [first, second] = labelProbabilities(model, [1])
  expect(first).toBeCloseTo(a / (a + b), 12)
  expect(second).toBeCloseTo(b / (a + b), 12)
})

test('probabilities sum to one, however far the features are from everything seen', () => {
  const model = trainNaiveBayes(rows)
  const feature = fc.double({ min: -1e6, max: 1e6, noNaN: true })
  fc.assert(
    fc.property(feature, feature, (x, y) => {
      const shares = labelProbabilities(model, [x, y])
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9)
    }),
  )
})

test('a feature that never varies does not divide by zero', () => {
  const constant = rows.map(({ label, features }) => ({ label, features: [...features, 5] }))
  const shares = labelProbabilities(trainNaiveBayes(constant), [2, 12, 5])
  expect(shares[1]).toBeGreaterThan(0.99)
})

test('rows that are all alike give the priors', () => {
  const same = ['a', 'a', 'b'].map((label) => ({ label, features: [1, 1] }))
  expect(labelProbabilities(trainNaiveBayes(same), [1, 1])[0]).toBeCloseTo(2 / 3, 9)
})
