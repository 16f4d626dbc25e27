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
    '--thread_count takes a whole number.',
    '--retries takes a whole number.',
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
