/**
 * How fast are the image operators? Each kernel on one grey image of noise against OpenCV's own call
 * on the same pixels (one thread, timed inside Python, so that its start does not count), and decoding
 * a JPEG with sharp against `cv2.imread`. Only wall time is measured on OpenCV's side.
 *
 *   node bench/operators.bench.ts [--smoke]
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import sharp from 'sharp'
import { decodeFile, pixelLimit } from '../src/operators/image/decode.ts'
import { fftLogMagnitude } from '../src/operators/image/fft-log-magnitude.ts'
import { laplacianVariance } from '../src/operators/image/laplacian-variance.ts'
import { toGrey, type GreyImage } from '../src/operators/image/luma.ts'
import { sobelVariance } from '../src/operators/image/sobel-variance.ts'
import { inTurns, machine, measure, report, smoke, type Measurement } from './harness.ts'

const [width, height] = smoke ? [160, 120] : [1920, 1080]
const megapixels = (width * height) / 1e6

/** What the scripts of the example do, without reading files. */
const yardstick = `
import sys, time, cv2, numpy as np
cv2.setNumThreads(1)
name, path = sys.argv[1], sys.argv[2]
colour = cv2.imread(path)
grey = cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY)
def laplacian(): return cv2.Laplacian(grey, cv2.CV_64F).var()
def sobel():
    x = cv2.Sobel(grey, cv2.CV_64F, 1, 0, ksize=3)
    y = cv2.Sobel(grey, cv2.CV_64F, 0, 1, ksize=3)
    return cv2.magnitude(x, y).var()
def fft():
    f = cv2.dft(grey.astype(np.float64), flags=cv2.DFT_COMPLEX_OUTPUT)
    m = cv2.magnitude(f[:, :, 0], f[:, :, 1]) / np.sqrt(grey.size)
    return np.log1p(m).mean()
def luma(): return cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY)
def decode(): return cv2.imread(path)
task = locals()[name]
task()
start = time.perf_counter()
cpu = time.process_time()
task()
print(time.perf_counter() - start, time.process_time() - cpu)
`

const python = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin']
  .map((folder) => join(folder, 'python3'))
  .find((program) => spawnSync(program, ['-c', 'import cv2, numpy']).status === 0)

if (python === undefined) {
  process.stdout.write('SKIPPED operators.bench: no python3 with cv2 (Debian: python3-opencv)\n')
} else {
  await compareAll(python)
}

async function compareAll(program: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'varve-bench-operators-'))
  try {
    const path = join(folder, 'image.jpg')
    const bytes = await photograph()
    writeFileSync(path, bytes)
    const file = { input: 'images', path: 'image.jpg', bytes }
    const decoded = await decodeFile(file, pixelLimit)
    const grey: GreyImage = toGrey(decoded)
    const ours: Record<string, () => unknown> = {
      decode: () => decodeFile(file, pixelLimit),
      luma: () => toGrey(decoded),
      laplacian: () => laplacianVariance(grey),
      sobel: () => sobelVariance(grey),
      fft: () => fftLogMagnitude(grey),
    }
    for (const [name, run] of Object.entries(ours)) {
      // Once beforehand on both sides: compiled code and filled caches are the usual case.
      await run()
      await compare(name, run, () => timeInPython(program, name, path))
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function compare(name: string, run: () => unknown, theirs: () => Measurement): Promise<void> {
  const found = await inTurns([
    { name: 'varve', run: () => measure(run) },
    { name: 'OpenCV', run: theirs },
  ])
  const wall = (who: string): number => found.get(who)?.wallSeconds ?? Number.NaN
  const ratio = wall('varve') / wall('OpenCV')
  const perMegapixel = (1000 * wall('varve')) / megapixels
  report({
    question: `${name} of ${width} x ${height} pixels (${machine()})`,
    rows: [...found].map(([who, figures]) => ({ name: who, ...figures })),
    goals: [
      {
        goal: `${name}: at most 3 x OpenCV on one thread`,
        reached: `${ratio.toFixed(2)} x, ${perMegapixel.toFixed(1)} ms per megapixel`,
        met: ratio <= 3,
      },
    ],
  })
}

function timeInPython(program: string, name: string, path: string): Measurement {
  const run = spawnSync(program, ['-c', yardstick, name, path], { encoding: 'utf8' })
  if (run.status !== 0) throw new Error(`${name} in OpenCV ended with ${run.status}: ${run.stderr}`)
  const [wallSeconds = Number.NaN, cpuSeconds = Number.NaN] = run.stdout
    .trim()
    .split(' ')
    .map(Number)
  return { wallSeconds, cpuSeconds, peakMegabytes: Number.NaN }
}

/** Slopes with texture: compresses about as a photograph does. */
function photograph(): Promise<Buffer> {
  const pixels = new Uint8Array(width * height * 3)
  let state = 1
  for (let at = 0; at < pixels.length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    pixels[at] = ((at / pixels.length) * 160 + (state >>> 27)) & 255
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer()
}
