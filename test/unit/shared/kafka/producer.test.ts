import { expect, test } from 'vitest';
import { requestsOf } from '../../../../shared/kafka/producer.ts';

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
