/**
 * First three bytes of every node. They stand for the whole format: grammar, hash, boundary table
 * and limits. A change of any of these takes a new id, since it gives equal trees other roots.
 */
export const FORMAT_ID = 'VT1'
/** Format id (3), level (1), count (4), prefix length (4). */
export const HEADER_BYTES = 12
/** A child's value starts with its digest. */
export const DIGEST_BYTES = 32
/** No honest tree is this high; hostile bytes must not make a reader descend for ever. */
export const MAX_LEVEL = 40

/** The leaf without entries, `EMPTY_TREE`: header only, all zero behind the format id. */
export const emptyNodeBytes: Buffer = Buffer.concat([Buffer.from(FORMAT_ID), Buffer.alloc(9)])
