import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPendingRecords } from '../../../event-sources/kafka-records.ts';
import { type TopicRecord, topicRecord } from '../../../event-sources/topic-reader.ts';

function record(partition: number, offset: number, bytes = 10): TopicRecord {
  const value = Buffer.alloc(bytes);
  return { partition, offset, timestamp: 0, timestampType: 'CREATE_TIME', key: null, value, headers: [] };
}

const some = (partition: number, count: number, bytes?: number) =>
  Array.from({ length: count }, (_, offset) => record(partition, offset, bytes));
const shown = (batch: readonly TopicRecord[]) =>
  batch.map(({ partition, offset }) => `${partition}/${offset}`);
const ANY_SIZE = 1e9;

describe('batches of pending records', () => {
  test('a batch takes equal shares of the partitions and fills unused shares from the others', () => {
    const pending = createPendingRecords();
    pending.add(some(0, 100));
    pending.add(some(1, 100));
    pending.add(some(2, 2));
    const batch = pending.batch(10, ANY_SIZE);
    expect(shown(batch)).toEqual(['2/0', '2/1', '0/0', '0/1', '0/2', '0/3', '1/0', '1/1', '1/2', '1/3']);
  });

  test('a batch stays pending until it is removed, which returns the next offset of each partition', () => {
    const pending = createPendingRecords();
    pending.add(some(0, 3));
    pending.add(some(1, 1));
    const batch = pending.batch(3, ANY_SIZE);
    expect(shown(pending.batch(3, ANY_SIZE))).toEqual(shown(batch));
    expect(pending.size()).toBe(4);
    expect([...pending.remove(batch)].sort()).toEqual([
      [0, 2],
      [1, 1],
    ]);
    expect(pending.size()).toBe(1);
    expect(shown(pending.batch(3, ANY_SIZE))).toEqual(['0/2']);
  });

  test('a header without a value is empty, also where its name is repeated', () => {
    const decoded = {
      key: null,
      value: null,
      timestamp: '0',
      attributes: 0,
      offset: '7',
      // As kafkajs decodes them; its types leave out null.
      headers: JSON.parse('{"alone":null,"h":[null,"b"]}'),
    };
    const message = topicRecord(0, decoded);
    expect(message.headers).toEqual([
      ['alone', Buffer.alloc(0)],
      ['h', Buffer.alloc(0)],
      ['h', Buffer.from('b')],
    ]);
    const pending = createPendingRecords();
    pending.add([message]);
    expect(shown(pending.batch(1, ANY_SIZE))).toEqual(['0/7']);
  });

  test('a batch stays below the size limit of an event but has at least one record', () => {
    const pending = createPendingRecords();
    pending.add(some(0, 5, 1_000_000));
    expect(pending.batch(10, 3_000_000)).toHaveLength(2);
    expect(pending.batch(10, 10)).toHaveLength(1);
  });

  test('every record is delivered once and in order within its partition, in whatever order records arrive', () => {
    const step = fc.oneof(
      fc.record({ partition: fc.nat(3), count: fc.nat(20) }),
      fc.record({ batch: fc.integer({ min: 1, max: 15 }) }),
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const pending = createPendingRecords();
        const added = new Map<number, number>();
        const processed = new Map<number, number>();
        const process = (size: number) => {
          const batch = pending.batch(size, ANY_SIZE);
          expect(batch.length).toBeLessThanOrEqual(size);
          for (const { partition, offset } of batch) {
            expect(offset).toBe(processed.get(partition) ?? 0);
            processed.set(partition, offset + 1);
          }
          pending.remove(batch);
        };
        for (const one of steps) {
          if ('batch' in one) process(one.batch);
          else {
            const from = added.get(one.partition) ?? 0;
            pending.add(Array.from({ length: one.count }, (_, i) => record(one.partition, from + i)));
            added.set(one.partition, from + one.count);
          }
        }
        while (pending.size() > 0) process(7);
        for (const [partition, count] of added) expect(processed.get(partition) ?? 0).toBe(count);
      }),
    );
  });
});
