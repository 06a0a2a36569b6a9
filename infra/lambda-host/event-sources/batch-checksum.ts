/** Sizes and offsets, in bytes, of the header fields of a record batch (message format 2). */
export const BATCH_HEADER_BYTES = 61;
const LENGTH_AT = 8;
/** Bytes before those that the length counts: the base offset and the length itself. */
const PREFIX_BYTES = 12;
const CHECKSUM_AT = 17;
const CHECKED_FROM = 21;

/** Whether the checksum of a batch matches its contents. @param batch From the header to the last record. */
export function hasRightChecksum(batch: Buffer): boolean {
  return crc32c(batch.subarray(CHECKED_FROM)) === batch.readUInt32BE(CHECKSUM_AT);
}

/**
 * Returns the batch that contains these records. They are a view of the fetched response, so the batch's header is in the
 * bytes right before them.
 *
 * @returns null if there is no header.
 */
export function batchAround(records: Buffer): Buffer | null {
  const start = records.byteOffset - BATCH_HEADER_BYTES;
  if (start < 0) return null;
  const batch = Buffer.from(records.buffer, start, BATCH_HEADER_BYTES + records.length);
  return batch.readInt32BE(LENGTH_AT) === batch.length - PREFIX_BYTES ? batch : null;
}

/** The remainder of each byte. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit += 1) remainder = (remainder >>> 1) ^ ((remainder & 1) * 0x82f63b78);
  return remainder;
});

/**
 * Computes the CRC-32C (Castagnoli), with which record batches are protected. Node's own `crc32` uses another polynomial.
 *
 * @returns An unsigned 32-bit integer.
 * @example
 * crc32c(Buffer.from('123456789')) // 0xe3069283
 */
export function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (let at = 0; at < bytes.length; at += 1)
    crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}
