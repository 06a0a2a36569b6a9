import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kafkaEventJson } from '../../../event-sources/kafka-records.ts';
import type { TopicRecord } from '../../../event-sources/topic-reader.ts';

const bytes = fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array));
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const name = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', 'traceparent', '__proto__', '"\n'));
const record: fc.Arbitrary<TopicRecord> = fc.record({
  partition: fc.integer({ min: 0, max: 3 }),
  offset: fc.maxSafeNat(),
  timestamp: fc.maxSafeNat(),
  timestampType: fc.constantFrom('CREATE_TIME', 'LOG_APPEND_TIME'),
  key: maybe(bytes),
  value: maybe(bytes),
  headers: fc.array(fc.tuple(name, bytes), { maxLength: 4 }),
});

test('the event of a batch has every record as Lambda writes it, whatever its bytes and headers', () => {
  fc.assert(
    fc.property(fc.array(record), fc.string(), (batch, topic) => {
      const json = kafkaEventJson(batch, { topic, bootstrapServers: 'a:1,b:2', region: 'eu-north-1' });
      const expected = Map.groupBy(batch, ({ partition }) => `${topic}-${partition}`);
      expect(JSON.parse(json)).toEqual({
        eventSource: 'aws:kafka',
        eventSourceArn: expect.stringMatching(/^arn:aws:kafka:eu-north-1:\d{12}:cluster\//),
        bootstrapServers: 'a:1,b:2',
        records: Object.fromEntries(
          [...expected].map(([key, list]) => [key, list.map((one) => asSent(topic, one))]),
        ),
      });
    }),
  );
});

function asSent(topic: string, { key, value, headers, ...fields }: TopicRecord) {
  return {
    topic,
    ...fields,
    ...(key && { key: key.toString('base64') }),
    ...(value && { value: value.toString('base64') }),
    headers: headers.map(([header, content]) => ({
      [header]: [...content].map((byte) => (byte << 24) >> 24),
    })),
  };
}
