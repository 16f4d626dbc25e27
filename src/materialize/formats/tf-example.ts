type Bytes = Uint8Array | string

/** One feature of a `tf.train.Example`: a value, or a list of them. */
export type Feature =
  | { readonly kind: 'bytes'; readonly value: Bytes | readonly Bytes[] }
  | { readonly kind: 'int'; readonly value: number | bigint | readonly number[] }
  | { readonly kind: 'float'; readonly value: number | readonly number[] }

/** Field number and wire type 2 (length-delimited) in one byte, for fields below 16. */
const lengthDelimited = (field: number): number => (field << 3) | 2

/**
 * Encodes a `tf.train.Example` (tensorflow/core/example/{example,feature}.proto):
 * `Example {1: Features {1: map<string, Feature>}}`, a feature being a list of
 * `{1: bytes_list, 2: float_list, 3: int64_list}`. Features in the order given, names once each.
 */
export function encodeExample(features: ReadonlyMap<string, Feature>): Uint8Array {
  const entries: Uint8Array[] = []
  for (const [name, feature] of features) {
    const entry = message([field(1, Buffer.from(name)), field(2, encodeFeature(feature))])
    entries.push(field(1, entry))
  }
  return field(1, message(entries))
}

function encodeFeature(feature: Feature): Uint8Array {
  if (feature.kind === 'bytes') {
    const values = valuesOf<Bytes>(feature.value)
    const bytes = values.map((value) => (typeof value === 'string' ? Buffer.from(value) : value))
    return field(1, message(bytes.map((value) => field(1, value))))
  }
  if (feature.kind === 'int') {
    const values = valuesOf<number | bigint>(feature.value)
    const packed = values.map((value) => varint(BigInt.asUintN(64, BigInt(value))))
    return field(3, field(1, message(packed)))
  }
  return field(2, field(1, new Uint8Array(Float32Array.from(valuesOf(feature.value)).buffer)))
}

function valuesOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T]
}

/** A length-delimited field: tag, length, content. */
function field(number: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([
    Buffer.of(lengthDelimited(number)),
    varint(BigInt(content.length)),
    content,
  ])
}

function message(fields: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(fields)
}

/** Seven bits a byte, lowest first, the high bit set on all but the last. */
function varint(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}
