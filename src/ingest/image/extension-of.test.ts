import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { extensionOf } from './extension-of.ts'
import { bytes, encoder, jpegOf, photo, pngOf } from './image.fixture.ts'

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

describe('bytes with a magic number', () => {
  const tar = Buffer.concat([Buffer.alloc(257), latin1('ustar\x0000'), Buffer.alloc(759)])
  test.each([
    ['jpg', () => jpegOf(photo(8, 8))],
    ['png', () => pngOf(photo(8, 8))],
    ['webp', () => encoder(photo(8, 8).data, photo(8, 8)).webp().toBuffer()],
    ['gif', () => latin1('GIF89a')],
    ['tif', () => latin1('II*\0')],
    ['mp3', () => latin1('ID3\x03\0\0\0\0\0\0' + '\xff\xfb\x90\0'.repeat(50))],
    ['wav', () => latin1('RIFF\x24\0\0\0WAVEfmt ')],
    ['flac', () => latin1('fLaC\0\0\0\x22')],
    ['mp4', () => latin1('\0\0\0\x18ftypisom\0\0\0\0isommp42')],
    ['pdf', () => latin1('%PDF-1.7\n')],
    ['zip', () => latin1('PK\x05\x06' + '\0'.repeat(18))],
    ['gz', () => gzipSync('abc')],
    ['tar', () => tar],
    ['parquet', () => latin1('PAR1....')],
  ])('%s, whatever the server and the URL say', async (extension, source) => {
    const hints = { contentType: 'text/plain', url: 'http://a.b/x.doc' }
    expect(await extensionOf(await source(), hints)).toBe(extension)
  })

  test('a compressed TAR is told by its URL', async () => {
    const url = 'https://a.b/data.TAR.GZ?token=1'
    expect(await extensionOf(gzipSync('abc'), { url })).toBe('tar.gz')
    expect(await extensionOf(gzipSync('abc'), { url: 'https://a.b/d.tgz' })).toBe('tar.gz')
  })
})

describe('text', () => {
  test.each([
    ['html', '<!DOCTYPE html><p>', { url: 'x.jpg', contentType: 'image/jpeg' }],
    ['html', '\n <!-- hi --> <html lang="en">', {}],
    ['svg', '<?xml version="1.0"?>\n<svg width="1">', {}],
    ['xml', '<?xml version="1.0"?><rss/>', {}],
    ['json', '{"a": [1, 2]}', {}],
    ['jsonl', '{"a": 1}\n{"a": 2}\n', {}],
    ['txt', '[not json', {}],
    ['txt', 'Grüße, 世界', {}],
    ['csv', 'a,b\n1,2\n', { contentType: 'text/csv; charset=utf-8' }],
    ['md', '# Title', { contentType: 'text/plain', url: 'https://a.b/readme.md#top' }],
    ['txt', 'plain words', { url: 'https://a.b/page.php' }],
    ['txt', 'plain words', { contentType: 'image/jpeg', url: 'https://a.b/photo.jpeg' }],
    ['txt', '', {}],
  ])('%s: %j', async (extension, text, hints) => {
    expect(await extensionOf(Buffer.from(text), hints)).toBe(extension)
  })
})

describe('bytes that say nothing', () => {
  const noise = Buffer.concat([Buffer.from([0, 1, 2, 3]), bytes(200, 5)])
  test.each([
    ['wav', { contentType: 'audio/wav', url: 'https://a.b/x.dat' }],
    ['dat', { contentType: 'application/octet-stream', url: 'https://a.b/x.dat?y=.exe' }],
    ['bin', { contentType: 'text/html', url: 'https://a.com' }],
    ['bin', { url: 'https://a.b/x.verylongextension' }],
    ['bin', {}],
  ])('%s: %j', async (extension, hints) => {
    expect(await extensionOf(noise, hints)).toBe(extension)
  })
})
