/** Where a record batch (message format 2) holds what a check needs. */
export const BATCH_HEADER_BYTES = 61;
const LENGTH_AT = 8;
/** Bytes before those that the length counts: the base offset and the length itself. */
const PREFIX_BYTES = 12;
const CHECKSUM_AT = 17;
const CHECKED_FROM = 21;

/** Whether the checksum of a whole batch is right. */
export function hasRightChecksum(batch: Buffer): boolean {
  return crc32c(batch.subarray(CHECKED_FROM)) === batch.readUInt32BE(CHECKSUM_AT);
}

/**
 * Returns the batch whose records these are. Whoever was handed the records of a fetched batch has a view of the response, so
 * its header lies right before them.
 *
 * @returns null if no header is found there.
 */
export function batchAround(records: Buffer): Buffer | null {
  const start = records.byteOffset - BATCH_HEADER_BYTES;
  if (start < 0) return null;
  const batch = Buffer.from(records.buffer, start, BATCH_HEADER_BYTES + records.length);
  return batch.readInt32BE(LENGTH_AT) === batch.length - PREFIX_BYTES ? batch : null;
}

/** CRC-32C (Castagnoli); Node's own `crc32` has another polynomial. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit += 1) remainder = (remainder >>> 1) ^ ((remainder & 1) * 0x82f63b78);
  return remainder;
});

export function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (let at = 0; at < bytes.length; at += 1)
    crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}
