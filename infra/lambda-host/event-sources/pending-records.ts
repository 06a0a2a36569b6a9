import { eventRecordBytes } from './kafka-event.ts';
import type { TopicRecord } from './topic-reader.ts';

/** Records that were read and not processed yet, in order per partition. */
export interface PendingRecords {
  size(): number;
  add(records: readonly TopicRecord[]): void;
  /**
   * The next batch: the oldest records of every partition that has some, in equal shares. They stay pending until they are
   * removed.
   */
  batch(maxRecords: number, maxBytes: number): TopicRecord[];
  /** Removes a batch that was processed. Gives the offset that follows it, per partition. */
  remove(batch: readonly TopicRecord[]): Map<number, number>;
  clear(): void;
}

export function createPendingRecords(): PendingRecords {
  const partitions = new Map<number, TopicRecord[]>();
  let size = 0;
  return {
    size: () => size,
    add(records) {
      for (const record of records) {
        const queue = partitions.get(record.partition) ?? [];
        queue.push(record);
        partitions.set(record.partition, queue);
      }
      size += records.length;
    },
    batch: (maxRecords, maxBytes) => inEqualShares([...partitions.values()], maxRecords, maxBytes),
    remove(batch) {
      const next = new Map<number, number>();
      for (const { partition, offset } of batch) next.set(partition, offset + 1);
      for (const [partition, offset] of next) {
        const queue = partitions.get(partition) ?? [];
        const rest = queue.filter((record) => record.offset >= offset);
        size -= queue.length - rest.length;
        if (rest.length > 0) partitions.set(partition, rest);
        else partitions.delete(partition);
      }
      return next;
    },
    clear() {
      partitions.clear();
      size = 0;
    },
  };
}

/** What a partition leaves of its share goes to those after it: the one with the fewest records comes first. */
function inEqualShares(queues: TopicRecord[][], maxRecords: number, maxBytes: number): TopicRecord[] {
  const batch: TopicRecord[] = [];
  let bytes = 0;
  queues.sort((a, b) => a.length - b.length);
  for (const [i, queue] of queues.entries()) {
    const share = Math.ceil((maxRecords - batch.length) / (queues.length - i));
    for (const record of queue.slice(0, share)) {
      bytes += eventRecordBytes(record);
      // One record at least, or it would never be processed.
      if (bytes > maxBytes && batch.length > 0) return batch;
      batch.push(record);
    }
  }
  return batch;
}
