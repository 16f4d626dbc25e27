import { execFileSync } from 'node:child_process'

function python(script: string, ...args: string[]): unknown {
  const output = execFileSync('python3', ['-c', script, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  return JSON.parse(output)
}

const readTar = `
import json, sys, tarfile
out = []
with open(sys.argv[1], 'rb') as stream:
    for member in tarfile.open(fileobj=stream, mode='r|*'):
        out.append([member.name, member.size, member.mode, member.mtime, member.uid, member.gid, member.isreg(), member.offset_data, dict(member.pax_headers)])
print(json.dumps(out))
`

export interface ReadMember {
  readonly name: string
  readonly size: number
  readonly mode: number
  readonly mtime: number
  readonly owner: readonly [number, number]
  readonly regular: boolean
  /** Where Python finds the payload. */
  readonly offset: number
  readonly pax: Readonly<Record<string, string>>
}

/** Members as Python's `tarfile` reads them in a stream: that is the TAR layer of webdataset. */
export function tarMembers(path: string): ReadMember[] {
  type Row = [
    string,
    number,
    number,
    number,
    number,
    number,
    boolean,
    number,
    Record<string, string>,
  ]
  return (python(readTar, path) as Row[]).map(
    ([name, size, mode, mtime, uid, gid, regular, offset, pax]) => {
      return { name, size, mode, mtime, owner: [uid, gid], regular, offset, pax }
    },
  )
}

/** Groups members as webdataset does (tariterators.py): adjacent ones with one key, fields lowered. */
const readWebDataset = `
import hashlib, json, re, sys, tarfile
samples = []
with open(sys.argv[1], 'rb') as stream:
    tar = tarfile.open(fileobj=stream, mode='r|*')
    for member in tar:
        if not member.isreg() or re.match(r'__[^/]*__($|/)', member.name):
            continue
        match = re.match(r'^((?:.*/|)[^.]+)[.]([^/]*)$', member.name)
        if match is None or not match.group(1):
            continue
        key, field = match.group(1), match.group(2).lower()
        if not samples or samples[-1][0] != key:
            samples.append([key, {}])
        if field in samples[-1][1]:
            raise ValueError('duplicate field ' + member.name)
        samples[-1][1][field] = hashlib.sha256(tar.extractfile(member).read()).hexdigest()
print(json.dumps(samples))
`

export type ReadSample = readonly [key: string, fields: Readonly<Record<string, string>>]

/** Samples of a shard by key, with the SHA-256 of each field. */
export function webDatasetSamples(path: string): ReadSample[] {
  return python(readWebDataset, path) as ReadSample[]
}

/** A TFRecord reader of its own: checks both checksums bit by bit and parses the protobuf by hand. */
const readTfRecord = `
import json, struct, sys
def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff
def masked(data):
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + 0xa282ead8) & 0xffffffff
def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7f) << shift
        shift += 7
        if byte < 0x80:
            return value, at
def fields(data):
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        if tag & 7 == 0:
            value, at = varint(data, at)
        elif tag & 7 == 2:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
            assert len(value) == size
        else:
            raise ValueError('wire type %d' % (tag & 7))
        yield tag >> 3, value
def one(data, wanted):
    [(number, value)] = list(fields(data))
    assert number == wanted, (number, wanted)
    return value
def feature(data):
    [(kind, values)] = list(fields(data))
    if kind == 1:
        found = [value.hex() for number, value in fields(values)]
    else:
        packed = one(values, 1)
        found, at = [], 0
        while at < len(packed):
            if kind == 2:
                found += struct.unpack_from('<f', packed, at)
                at += 4
            else:
                value, at = varint(packed, at)
                found.append(value - (1 << 64) if value >= 1 << 63 else value)
    return found[0] if len(found) == 1 else found
records = []
data = open(sys.argv[1], 'rb').read()
at = 0
while at < len(data):
    size, head = struct.unpack_from('<QI', data, at)
    assert masked(data[at:at + 8]) == head, 'checksum of a length'
    body = data[at + 12:at + 12 + size]
    [foot] = struct.unpack_from('<I', data, at + 12 + size)
    assert masked(body) == foot, 'checksum of a record'
    at += 16 + size
    example = {}
    for number, entry in fields(one(body, 1)):
        assert number == 1
        pair = dict(fields(entry))
        example[pair[1].decode()] = feature(pair[2])
    records.append(example)
print(json.dumps(records))
`

/** Records of a TFRecord file: features by name, bytes as hex; a list of values where they are not one. */
export function tfExamples(path: string): Record<string, string | number | (string | number)[]>[] {
  return python(readTfRecord, path) as Record<string, string | number | (string | number)[]>[]
}
