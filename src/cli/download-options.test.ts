import { expect, test } from 'vitest'
import { isVarveError } from '../model/index.ts'
import { parseDownload } from './download-options.ts'

const valuesOf = (line: string) => parseDownload(line.split(' ')).values

function faultsOf(line: string): readonly string[] {
  try {
    valuesOf(line)
  } catch (error) {
    if (isVarveError(error)) return error.data['faults'] as readonly string[]
  }
  throw new Error('no fault was found')
}

test('a line of img2dataset is read as fire reads it', () => {
  const values = valuesOf(
    '--url_list=urls.csv --image_size 512 --skip_reencode --noextract_exif --resize_only_if_bigger True ' +
      '--compute_hash None --max_aspect_ratio inf --save_additional_columns ["a","b"] --verify_hash=["h","md5"]',
  )
  expect(values).toMatchObject({
    url_list: 'urls.csv',
    image_size: 512,
    skip_reencode: true,
    extract_exif: false,
    resize_only_if_bigger: true,
    compute_hash: null,
    max_aspect_ratio: Infinity,
    save_additional_columns: ['a', 'b'],
    verify_hash: ['h', 'md5'],
    thread_count: 256,
    output_format: 'files',
  })
})

test('a bare word is the list, dashes are as good as underscores, lists take Python quotes', () => {
  const values = valuesOf("urls.txt --output-folder out --disallowed_header_directives ['noai']")
  expect(values).toMatchObject({
    url_list: 'urls.txt',
    output_folder: 'out',
    disallowed_header_directives: ['noai'],
  })
  expect(valuesOf('u --disallowed_header_directives []').disallowed_header_directives).toEqual([])
})

test('all faults of a line are told at once, with the nearest name', () => {
  expect(faultsOf('urls.txt --image_sise 3 --thread_count many --retries 1.5')).toEqual([
    'There is no option --image_sise. Did you mean --image_size?',
    '--thread_count takes a whole number of at least 1.',
    '--retries takes a whole number of at least 0.',
  ])
})

test('options without a meaning here are accepted and named', () => {
  expect(
    parseDownload(['urls.txt', '--enable_wandb', 'False', '--distributor=ray']).ignored,
  ).toEqual(['enable_wandb', 'distributor'])
})

test('a list that is given twice is both', () => {
  expect(valuesOf('--allow 127.0.0.1 --allow=10.0.0.0/8').allow).toEqual([
    '127.0.0.1',
    '10.0.0.0/8',
  ])
})

test('an option that lacks its value is told alone, and takes no other option with it', () => {
  expect(faultsOf('urls.txt --min_image_size --output_folder out')).toEqual([
    '--min_image_size takes a whole number.',
  ])
})

test('numbers nothing can be done with are refused', () => {
  expect(
    faultsOf(
      'u --thread_count 0 --processes_count -1 --number_sample_per_shard 0 --oom_shard_count 0 ' +
        '--retries -1 --timeout 0 --deadline -3 --host_rate 0 --max_bytes 0 --host_concurrency 0',
    ),
  ).toEqual([
    '--thread_count takes a whole number of at least 1.',
    '--processes_count takes a whole number of at least 1.',
    '--number_sample_per_shard takes a whole number of at least 1.',
    '--oom_shard_count takes a whole number of at least 1.',
    '--retries takes a whole number of at least 0.',
    '--timeout takes a number above 0.',
    '--deadline takes a number above 0.',
    '--host_rate takes a number above 0.',
    '--max_bytes takes a whole number of at least 1.',
    '--host_concurrency takes a whole number of at least 1.',
  ])
})

test('None is a value only of what may have none, and never turns opt-outs off', () => {
  expect(valuesOf('u --disallowed_header_directives None').disallowed_header_directives).toEqual([
    'noai',
    'noimageai',
    'noindex',
    'noimageindex',
  ])
  expect(faultsOf('u --image_size None --output_folder None')).toEqual([
    '--image_size takes a whole number.',
    '--output_folder takes a word.',
  ])
})

test('an empty name of a folder is not the folder we are in', () => {
  expect(faultsOf('u --output_folder=')).toEqual(['--output_folder takes a word.'])
})
