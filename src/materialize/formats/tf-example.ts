/** One feature of a `tf.train.Example`. */
export type Feature =
  | { readonly kind: 'bytes'; readonly value: Uint8Array | string }
  | { readonly kind: 'int'; readonly value: number | bigint }
  | { readonly kind: 'float'; readonly value: number }

/** Field number and wire type 2 (length-delimited) in one byte, for fields below 16. */
const lengthDelimited = (field: number): number => (field << 3) | 2

/**
 * Encodes a `tf.train.Example` (tensorflow/core/example/{example,feature}.proto):
 * `Example {1: Features {1: map<string, Feature>}}`, a feature being a list with one value of
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
    const value = typeof feature.value === 'string' ? Buffer.from(feature.value) : feature.value
    return field(1, field(1, value))
  }
  if (feature.kind === 'int')
    return field(3, field(1, varint(BigInt.asUintN(64, BigInt(feature.value)))))
  const packed = Buffer.alloc(4)
  packed.writeFloatLE(feature.value)
  return field(2, field(1, packed))
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
