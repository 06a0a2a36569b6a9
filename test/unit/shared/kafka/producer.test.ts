import type { Producer } from 'kafkajs';
import { expect, test } from 'vitest';
import { openBatchProducer, requestsOf } from '../../../../shared/kafka/producer.ts';

/** A broker's default for `message.max.bytes`. */
const LIMIT = 1_048_588;

const message = (bytes: number, key = 'S001_P0001') => ({
  key,
  value: 'x'.repeat(bytes),
  headers: { a: 'b' },
});

test('messages are divided into requests below a broker’s limit, in order and without loss', () => {
  const messages = Array.from({ length: 9_000 }, (_, index) => message(430, `S001_P${index}`));
  const requests = requestsOf(messages);
  expect(requests.flat()).toEqual(messages);
  expect(requests.length).toBe(5);
  for (const request of requests) {
    const bytes = request.reduce((sum, { key, value }) => sum + key.length + value.length + 60, 0);
    expect(bytes).toBeLessThan(LIMIT);
  }
});

test('the messages of an ordinary day are one request', () => {
  const messages = Array.from({ length: 1_000 }, () => message(430));
  expect(requestsOf(messages)).toEqual([messages]);
});

test('bytes count, not characters, and a message that is too large alone does not take others with it', () => {
  const wide = { key: '店', value: '店'.repeat(100_000) };
  expect(requestsOf([wide, wide, wide, wide]).map((request) => request.length)).toEqual([2, 2]);
  expect(requestsOf([message(10), message(2_000_000), message(10)]).map((request) => request.length)).toEqual(
    [1, 1, 1],
  );
  expect(requestsOf([])).toEqual([]);
});

/** A Kafka client whose producers only count, and fail to connect for some attempts. */
function countingKafka(failures: number) {
  const counts = { connects: 0, sends: 0, disconnects: 0 };
  const producer = {
    connect: async () => {
      counts.connects += 1;
      if (counts.connects <= failures) throw new Error('connection refused');
    },
    send: async () => {
      counts.sends += 1;
      return [];
    },
    disconnect: async () => {
      counts.disconnects += 1;
    },
  } satisfies Partial<Producer>;
  const kafka = { producer: (): Producer => Object.create(producer) };
  return { kafka, counts };
}

test('the first batch uses the connection that was opened ahead', async () => {
  const { kafka, counts } = countingKafka(0);
  const producer = openBatchProducer(kafka, 1_000);
  producer.connectAhead();
  producer.connectAhead();
  await producer.send('sales', [message(10)]);
  expect(counts).toEqual({ connects: 1, sends: 1, disconnects: 0 });
  await producer.close();
});

test('a connection that could not be opened ahead is opened by the first batch', async () => {
  const { kafka, counts } = countingKafka(1);
  const producer = openBatchProducer(kafka, 1_000);
  producer.connectAhead();
  await new Promise(setImmediate);
  await producer.send('sales', [message(10)]);
  expect(counts).toMatchObject({ connects: 2, sends: 1 });
  await producer.close();
});
