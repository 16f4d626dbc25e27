import { copyFileSync, cpSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exampleFolder, openCvTitle, python } from '../src/operators/example.fixture.ts'
import { CliRig } from './cli/cli.fixture.ts'

/** A whole run of ninety images, on a machine that may be busy. */
const minutes = 60_000

interface Job {
  readonly pipeline: string
  readonly id: string
  readonly state: string
  readonly counters: { readonly processed: number; readonly skipped: number }
}

interface Answer {
  readonly facts: readonly string[]
}

const examples = readdirSync(dirname(exampleFolder)).filter((name) =>
  existsSync(join(dirname(exampleFolder), name, 'varve.yaml')),
)

describe.each(examples)('example %s', (name) => {
  const rig = new CliRig()
  afterAll(() => rig.dispose())

  test(
    'is a template that runs to success, and is then up to date',
    async () => {
      await rig.must(['init', '--template', name])
      await rig.must(['run'])
      expect((await jobs(rig)).map(({ state }) => state)).not.toContain('failure')
      expect(await rig.json(['run'])).toMatchObject({ jobs: [], failed: [] })
      expect(await rig.must(['apply', '-f', 'varve.yaml'])).toContain('Nothing to change')
    },
    3 * minutes,
  )
})

describe('image-quality', () => {
  const rig = new CliRig()
  afterAll(() => rig.dispose())

  beforeAll(async () => {
    await rig.must(['init', '--template', 'image-quality'])
    await rig.must(['run'])
  }, 3 * minutes)

  test('sorts at least nine of ten images rightly whose scenes it was not trained on', async () => {
    const report = JSON.parse(await file(rig, '/report.json')) as {
      held_out: { accuracy: number; total: number }
    }
    expect(report.held_out.total).toBeGreaterThanOrEqual(18)
    expect(report.held_out.accuracy).toBeGreaterThanOrEqual(0.9)
  })

  test('draws a contact sheet with every image in it', async () => {
    const sheet = await file(rig, '/contact-sheet.html')
    const images = readdirSync(join(exampleFolder, 'images')).map((name) => name.split('.')[0])
    expect(images.filter((name) => !sheet.includes(`alt="${name}"`))).toEqual([])
  })

  test('gives every image one of the three labels', async () => {
    const before = await labels(rig)
    expect(before.size).toBe(readdirSync(join(exampleFolder, 'images')).length)
    expect(new Set(before.values())).toEqual(new Set(['sharp', 'blurred', 'moire']))
  })

  describe('after one image changed and one was added in one commit', () => {
    beforeAll(async () => {
      const photograph = (name: string): string => join(exampleFolder, 'images', name)
      copyFileSync(photograph('black-canyon-4.jpg'), join(rig.folder, 'black-canyon-1.jpg'))
      copyFileSync(photograph('black-canyon-5.jpg'), join(rig.folder, 'one-more.jpg'))
      await rig.must(['put', 'file', 'images@master', '-f', 'black-canyon-1.jpg', 'one-more.jpg'])
    }, minutes)

    test('the plan names exactly these two datums', async () => {
      const plan = await rig.must(['plan'])
      expect(plan.match(/^ +run +\S+/gm)?.map((line) => line.trim().split(/ +/)[1])).toEqual(
        ['vol', 'sob', 'fft'].flatMap(() => ['/images/black-canyon-1.jpg', '/images/one-more.jpg']),
      )
    })

    test('only these two datums run', async () => {
      await rig.must(['run'])
      const [newest] = await jobs(rig)
      const counts = (await jobs(rig))
        .filter(({ id }) => id === newest?.id)
        .map(({ pipeline, counters }) => [pipeline, counters.processed, counters.skipped])
      const untouched = readdirSync(join(exampleFolder, 'images')).length - 1
      expect(counts.toSorted(([a], [b]) => String(a).localeCompare(String(b)))).toEqual([
        ['default/features', 2, untouched],
        ['default/fft', 2, untouched],
        ['default/quality', 1, 0],
        ['default/sob', 2, untouched],
        ['default/vol', 2, untouched],
      ])
    })

    test.each([
      ['black-canyon-1', /ran in job .* because its input changed/],
      ['one-more', /ran in job .* because it is new/],
      ['black-canyon-2', /was skipped in job .* inputs and code are as in job/],
    ])('varve why tells of %s', async (image, reason) => {
      const { facts } = (await rig.json(['why', `vol@master:/${image}.json`])) as Answer
      expect(facts.join('\n')).toMatch(reason)
    })

    test('the changed image has the label of what it is now', async () => {
      const now = await labels(rig)
      expect(now.get('black-canyon-1')).toBe(now.get('black-canyon-4'))
      expect(now.get('one-more')).toBe('blurred')
    })
  })
})

describe.skipIf(python === undefined)(`image-quality as scripts, ${openCvTitle}`, () => {
  const operators = new CliRig()
  const scripts = new CliRig()
  afterAll(() => {
    operators.dispose()
    scripts.dispose()
  })
  const env = { PATH: [dirname(python ?? ''), process.env['PATH'] ?? ''].join(delimiter) }

  test(
    'gives every image the label the operators give it',
    async () => {
      const images = copyOneOfEachLabel(scripts.folder)
      copyOneOfEachLabel(operators.folder)
      rmSync(join(scripts.folder, 'varve.yaml'))
      copyFileSync(join(exampleFolder, 'varve.scripts.yaml'), join(scripts.folder, 'varve.yaml'))
      for (const rig of [scripts, operators]) {
        await rig.must(['init'])
        await rig.must(['run'], { env })
      }
      const given = await labels(scripts)
      expect(given.size).toBe(images)
      expect(new Set(given.values())).toEqual(new Set(['sharp', 'blurred', 'moire']))
      expect(given).toEqual(await labels(operators))
      const [one, other] = [scripts, operators].map((rig) => file(rig, '/report.json'))
      expect(JSON.parse((await one) ?? '')).toMatchObject({
        held_out: (JSON.parse((await other) ?? '') as { held_out: object }).held_out,
      })
    },
    5 * minutes,
  )
})

test.runIf(process.env['VARVE_REQUIRE_ALL'] === '1')('python3 with cv2 is installed', () => {
  expect(python, 'python3 with cv2 (Debian: python3-opencv)').toBeDefined()
})

/**
 * The example with a sharp, a blurred and a moire image of each scene: three scripts start for every
 * image, and starting OpenCV takes most of their time. Answers how many images there are.
 */
function copyOneOfEachLabel(folder: string): number {
  cpSync(exampleFolder, folder, { recursive: true })
  const images = readdirSync(join(folder, 'images'))
  const others = images.filter((name) => !/-[147]\.jpg$/.test(name))
  for (const name of others) rmSync(join(folder, 'images', name))
  return images.length - others.length
}

async function jobs(rig: CliRig): Promise<Job[]> {
  return (await rig.json(['list', 'job'])) as Job[]
}

function file(rig: CliRig, path: string): Promise<string> {
  return rig.must(['get', 'file', `quality@master:${path}`])
}

/** The label of every image by its name without extension. */
async function labels(rig: CliRig): Promise<Map<string, string>> {
  const records = (await file(rig, '/predictions.csv')).trimEnd().split('\n').slice(1)
  return new Map(records.map((record) => record.split(',', 2) as [string, string]))
}
