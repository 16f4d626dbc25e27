import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A sample as a reader hands it out: the SHA-256 of the payload of each field. */
export type ReadSample = readonly [key: string, fields: Readonly<Record<string, string>>]

/** A Python that has the packages, and what is missing where there is none. */
export interface PythonReaders {
  readonly python: string
  readonly missing?: string
}

const installed = fileURLToPath(new URL('../../.cache/readers/bin/python', import.meta.url))

/** Looks for the real readers: in `$VARVE_READERS_PYTHON`, else in the environment `.ci/run` makes. */
export function findReaders(): PythonReaders {
  const python = process.env['VARVE_READERS_PYTHON'] ?? installed
  if (!existsSync(python)) {
    return {
      python,
      missing: `${python} (python3 -m venv; pip install webdataset datasets pillow)`,
    }
  }
  const script = 'import datasets, PIL, webdataset'
  try {
    execFileSync(python, ['-c', script], { stdio: 'pipe' })
    return { python }
  } catch (error) {
    return { python, missing: `webdataset, datasets or pillow in ${python}: ${String(error)}` }
  }
}

const readers = {
  webdataset: `
import hashlib, json, sys
import webdataset
samples = []
for sample in webdataset.WebDataset(sys.argv[1:], shardshuffle=False):
    fields = {name: hashlib.sha256(value).hexdigest() for name, value in sample.items() if not name.startswith('__')}
    samples.append([sample['__key__'], fields])
print(json.dumps(samples))
`,
  // It decodes by extension; text and JSON are brought back to the bytes they came from.
  datasets: `
import hashlib, json, sys
import datasets
rows = datasets.load_dataset('webdataset', data_files=sys.argv[1:], split='train', streaming=True)
for name, feature in rows.features.items():
    if isinstance(feature, datasets.Image):
        rows = rows.cast_column(name, datasets.Image(decode=False))
def payload(value):
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, dict) and set(value) == {'bytes', 'path'}:
        return value['bytes']
    if isinstance(value, dict):
        return json.dumps(value, separators=(',', ':'), ensure_ascii=False).encode()
    return value
samples = []
for row in rows:
    fields = {name: hashlib.sha256(payload(value)).hexdigest() for name, value in row.items() if not name.startswith('__') and value is not None}
    samples.append([row['__key__'], fields])
print(json.dumps(samples))
`,
} as const

export type ReaderName = keyof typeof readers
export const readerNames = Object.keys(readers) as ReaderName[]

/** Every sample of the archives, in order, as the package reads them; nothing goes to the network. */
export function readSamples(
  reader: ReaderName,
  paths: readonly string[],
  options: { readonly python: string; readonly cache: string },
): readonly ReadSample[] {
  const output = execFileSync(options.python, ['-c', readers[reader], ...paths], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: {
      ...process.env,
      HF_HOME: options.cache,
      HF_HUB_OFFLINE: '1',
      HF_DATASETS_OFFLINE: '1',
      HF_HUB_DISABLE_TELEMETRY: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return JSON.parse(output) as ReadSample[]
}
