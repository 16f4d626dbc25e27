import { isVarveError } from '../../model/index.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileGlob, programMatcher, regExpMatcher } from './glob.ts'
import { parseGlob } from './glob-syntax.ts'
import { expandKey } from './key-template.ts'

const tree = [
  '',
  'a',
  'a/x.txt',
  'a/sub',
  'a/sub/y.png',
  'b.txt',
  'c-1.txt',
  'c-2.txt',
  'ü/ß.jpg',
  'ü',
]
const matched = (glob: string, paths: readonly string[] = tree) =>
  paths.filter((path) => compileGlob(glob).matches(path))

describe('which files and directories a glob matches', () => {
  const everything = tree.filter((path) => path !== '')
  test.each<[string, readonly string[]]>([
    ['/', ['']],
    ['', ['']],
    ['/*', ['a', 'b.txt', 'c-1.txt', 'c-2.txt', 'ü']],
    ['*', ['a', 'b.txt', 'c-1.txt', 'c-2.txt', 'ü']],
    ['/*/', ['a', 'b.txt', 'c-1.txt', 'c-2.txt', 'ü']],
    ['/*/*', ['a/x.txt', 'a/sub', 'ü/ß.jpg']],
    ['/**', everything],
    ['/**.png', ['a/sub/y.png']],
    ['/**/*.txt', ['a/x.txt']],
    ['/a', ['a']],
    ['/a/', ['a']],
    ['/a/*', ['a/x.txt', 'a/sub']],
    ['/c-?.txt', ['c-1.txt', 'c-2.txt']],
    ['/c-[13].txt', ['c-1.txt']],
    ['/c-[!1].txt', ['c-2.txt']],
    ['/c-[[:digit:]].txt', ['c-1.txt', 'c-2.txt']],
    ['/{a/x,b}.txt', ['a/x.txt', 'b.txt']],
    ['/?', ['a', 'ü']],
    ['/ü/?.jpg', ['ü/ß.jpg']],
    ['/!(a|ü)', ['b.txt', 'c-1.txt', 'c-2.txt']],
    ['/!(b)/*.txt', ['a/x.txt']],
    ['/(*)-(*).txt', ['c-1.txt', 'c-2.txt']],
  ])('%s', (glob, expected) => {
    expect(matched(glob)).toEqual(expected)
  })
})

describe('the dialect, one line each', () => {
  test.each<[string, string, boolean]>([
    ['*.(a|b)', 'a.a.a', true],
    ['*.(a|b)', 'a.bb', false],
    ['*.+(b|d)', 'a.bb', true],
    ['*.+(b|d)', 'a.', false],
    ['a?(x)', 'a', true],
    ['a?(x)', 'axx', false],
    ['*(a)b', 'aaab', true],
    ['+(a)b', 'b', false],
    ['@(foo|f|fo)*(f|of+(o))', 'foofoofo', true],
    ['*(*(of*(o)x)o)', 'ofoooxoofxoofoooxoofxofo', false],
    ['*(*(of*(o)x)o)', 'ofoooxoofxoofoooxoofxo', true],
    ['ab**(e|f)', 'abcdef', true],
    ['ab***ef', 'abcfef', true],
    ['(a+|b)+', 'a++', true],
    ['(a+|b)+', 'abd', false],
    ['a\\(*b', 'a((b', true],
    ['[a-z][!a-x]*cat*', 'my cat', true],
    ['[[:^alpha:]]', '.', true],
    ['[^[:alpha:]]', 'x', false],
    ['[]a]', ']', true],
    ['[a-]', '-', true],
    ['{a,ab}{bc,f}', 'abc', true],
    ['{*,**}{a,b}', 'ac', false],
    ['x{,y}', 'x', true],
    ['!(*.js|*.json)', 'a.js', false],
    ['!(*.js|*.json)', 'a.js.gz', true],
    ['!(foo)', 'foobar', true],
    ['!(foo)*', 'foobar', false],
    ['!(!(foo))', 'foo', true],
    ['!(!(!(foo)))', 'foo', false],
    ['@(!(z*)|*x)', 'zoot', false],
    ['@(!(z*)|*x)', 'zoox', true],
    ['*-!(integration)-test.js', 'a-integration-test.js', false],
    ['*.!(js|css)', 'bar.min.js', true],
    ['!(train)/x', 'train2/x', true],
    ['!(train)/x', 'train/x', false],
    ['😀?', '😀😀', true],
  ])('%s against %s: %s', (glob, path, expected) => {
    expect(compileGlob(glob).matches(path)).toBe(expected)
  })
})

describe('captures', () => {
  test.each<[string, string, readonly string[] | undefined]>([
    ['test/(a|b)', 'hi/123', undefined],
    ['test/(a|b)/x.go', 'test/b/x.go', ['b']],
    ['test/a*(a|b)/x.go', 'test/aba/x.go', ['ba']],
    ['test/a*(a|b)/x.go', 'test/a/x.go', ['']],
    ['test/+(a|b)/(*).go', 'test/ab/x.go', ['ab', 'x']],
    ['test/a?(a|b)/?(*).go', 'test/aa/x.go', ['a', 'x']],
    ['test*(/?(+(a|b)/*.go))', 'test/a/x.go', ['/a/x.go', 'a/x.go', 'a']],
    ['/(*)-(*).txt', 'left-right-1.txt', ['left-right', '1']],
    ['/{(a),(b)}', 'b', ['', 'b']],
  ])('%s on %s', (glob, path, expected) => {
    expect(compileGlob(glob).captures(path)?.slice(1)).toEqual(expected)
  })

  test('keys are filled from groups, and a group that does not exist gives nothing', () => {
    const captures = compileGlob('/(*)-(*).txt').captures('k-1.txt') ?? []
    expect(expandKey('$1/${2}0$9-$$-$0', captures)).toBe('k/10-$-/k-1.txt')
    expect(expandKey('plain', captures)).toBe('plain')
  })
})

test('a match names the ancestors of a changed file that are datums, shortest first', () => {
  const every = compileGlob('/**')
  expect(every.matchingAncestors('a/sub/y.png')).toEqual(['a', 'a/sub', 'a/sub/y.png'])
  expect(compileGlob('/*').matchingAncestors('a/sub/y.png')).toEqual(['a'])
  expect(compileGlob('/').matchingAncestors('a/sub/y.png')).toEqual([''])
  expect(compileGlob('/*/*').matchingAncestors('b.txt')).toEqual([])
})

test.each([
  ['/', '', 0, 0],
  ['/*', '', 1, 1],
  ['/data/*/x(*).jpg', 'data/', 3, 3],
  ['/data**', 'data', 1, Infinity],
  ['/{a/b,c}', '', 1, 2],
  ['/a?(/b)', 'a', 1, 2],
])('%s is walked from prefix "%s", depth %s to %s', (glob, prefix, minDepth, maxDepth) => {
  expect(compileGlob(glob)).toMatchObject({ prefix, minDepth, maxDepth })
})

test.each([
  ['/a[b', 3],
  ['/(a|b', 2],
  ['/{a', 2],
  ['/a)', 3],
  ['/[[:nope:]]', 3],
  ['/[z-a]', 3],
  ['/a\\', 3],
  ['/[/]', 2],
])('%s is refused with the position of the fault', (glob, position) => {
  try {
    compileGlob(glob)
    expect.unreachable()
  } catch (error) {
    expect(isVarveError(error, 'GLOB_INVALID') && error.data['position']).toBe(position)
  }
})

test('a hostile glob costs no more than its length times the length of the path', () => {
  const path = 'a'.repeat(2000)
  for (const glob of [
    '+(+(+(a)))b',
    '*a'.repeat(50) + 'b',
    '*(*(a|aa)|!(b))c',
    '!(!(!(+(a)x)))y',
  ]) {
    const start = performance.now()
    expect(compileGlob(glob).matches(path)).toBe(false)
    expect(performance.now() - start).toBeLessThan(2000)
  }
})

test('where a regular expression is used, it finds what the slower way finds', () => {
  const atom = fc.constantFrom('*', '?', '**', 'a', 'b', '/', '[ab]', '[!a]', '[^[:alpha:]]', 'ü')
  const { glob } = fc.letrec<{ glob: string }>((tie) => ({
    glob: fc
      .array(
        fc.oneof(
          { weight: 5, arbitrary: atom },
          fc.tuple(tie('glob'), tie('glob')).map(([a, b]) => `(${a}|${b})`),
          fc.tuple(tie('glob'), tie('glob')).map(([a, b]) => `{${a},${b}}`),
          tie('glob').map((a) => `?(${a})`),
        ),
        { minLength: 1, maxLength: 4 },
      )
      .map((parts) => parts.join('')),
  }))
  const path = fc.string({
    unit: fc.constantFrom('a', 'b', '/', 'ü', '1'),
    minLength: 1,
    maxLength: 6,
  })
  let compared = 0
  fc.assert(
    fc.property(glob, path, (source, path) => {
      const { root, captures } = parseGlob(source, source)
      const quick = regExpMatcher(root)
      if (quick === undefined) return
      compared += 1
      expect(quick(path)).toEqual(programMatcher(root, captures)(path))
    }),
    { numRuns: 5000, examples: [['?((?(/*)|[ab]))(*|ü)', 'a']] },
  )
  expect(compared).toBeGreaterThan(500)
})
