import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KafkaRecord, kafkaRecord, readMessage } from '../../../../functions/consumer/read-message.ts';
import type { SaleEvent } from '../../../../shared/api/sales.ts';
import { saleEvent } from '../../../support/sale-events.ts';

function record(value: unknown, headers: Record<string, string> = {}): KafkaRecord {
  const bytes = typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value);
  return kafkaRecord.parse({
    topic: 'sales-events',
    partition: 3,
    offset: 42,
    key: Buffer.from('S001_P0001').toString('base64'),
    value: bytes === undefined ? undefined : Buffer.from(bytes).toString('base64'),
    headers: Object.entries(headers).map(([name, text]) => ({ [name]: [...Buffer.from(text)] })),
  });
}

describe('a message', () => {
  it('a valid message is read as a sale with the trace of its click', () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const { sale } = readMessage(record(saleEvent(), { traceparent, 'schema-version': '1' }));
    expect(sale).toEqual({ event: saleEvent(), traceId: '4bf92f3577b34da6a3ce929d0e0e4736' });
  });

  it('a discount of 0 is kept as 0, not as null', () => {
    expect(readMessage(record(saleEvent({ discount: 0 }))).sale?.event.discount).toBe(0);
  });

  it.each<[string, unknown, RegExp]>([
    ['no value', undefined, /no value/],
    ['invalid JSON', '{"event_id":', /not JSON/],
    ['bytes that are not UTF-8', Buffer.from([0xff, 0xfe]), /UTF-8/],
    ['a value that is not an object', [1, 2], /expected object/],
  ])('a message with %s becomes a dead letter with the reason', (_case, value, reason) => {
    const { deadLetter } = readMessage(record(value));
    expect(deadLetter?.reason).toMatch(reason);
    expect(deadLetter).toMatchObject({ topic: 'sales-events', partition: 3, offset: '42' });
    expect(deadLetter?.key?.toString()).toBe('S001_P0001');
  });

  it('a message of a batch that could not be decoded becomes a dead letter with the reason, whatever its value', () => {
    const batch = Buffer.from([0xff, 0xfe]);
    const { deadLetter } = readMessage(record(batch, { undecodable: 'the checksum is wrong' }));
    expect(deadLetter).toMatchObject({
      reason: "its batch can't be decoded: the checksum is wrong",
      undecodable: true,
      value: batch,
    });
    expect(readMessage(record('{')).deadLetter?.undecodable).toBe(false);
  });

  it('a message of a later schema version becomes a dead letter', () => {
    expect(readMessage(record(saleEvent(), { 'schema-version': '2' })).deadLetter?.reason).toMatch(
      /schema version 2/,
    );
  });

  it.each<[keyof SaleEvent, unknown]>([
    ['store_id', '店舗 1'],
    ['store_id', '🌻'.repeat(64)],
    ['discount', null],
    ['is_holiday_promo', null],
    ['weather', null],
    ['category', null],
    ['region', null],
  ])('a message whose %s is %j is a sale', (field, value) => {
    expect(readMessage(record({ ...saleEvent(), [field]: value })).sale?.event).toMatchObject({
      [field]: value,
    });
  });

  it.each<[keyof SaleEvent, unknown]>([
    ['event_id', 'x'],
    ['run_id', null],
    ['day_index', -1],
    ['day_index', 65_536],
    ['date', '2022-02-30'],
    ['date', '0000-01-01'],
    ['store_id', ' S1'],
    ['store_id', 'S\u00001'],
    ['store_id', 'S\ud800'],
    ['store_id', 'S'.repeat(65)],
    ['units_sold', 1.5],
    ['units_sold', 2_147_483_648],
    ['price', -1],
    ['price', 100_000_000],
    ['price', 1.005],
    ['price', '1'],
    ['price', null],
    ['discount', 1_000],
    ['is_holiday_promo', 2],
    ['weather', ''],
    ['weather', 'w'.repeat(51)],
    ['day_total', -1],
  ])('a message whose %s is %j becomes a dead letter that names the field', (field, value) => {
    expect(readMessage(record({ ...saleEvent(), [field]: value })).deadLetter?.reason).toContain(field);
  });

  it('reading a message never throws, whatever its content', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array().map(Buffer.from), fc.json()), (value) => {
        const message = readMessage(record(value));
        expect(message.sale === undefined).toBe(message.deadLetter !== undefined);
      }),
    );
  });
});

describe('the headers of a record', () => {
  const reasonOf = (headers: readonly Record<string, readonly number[]>[]) =>
    readMessage(kafkaRecord.parse({ topic: 't', partition: 0, offset: 0, headers })).deadLetter?.reason;
  const signed = (text: string) => [...new Int8Array(Buffer.from(text))];

  it.each(['corrupt', 'größer als 店舗', ''])('the text of a header is read as UTF-8: %j', (text) => {
    expect(reasonOf([{ undecodable: signed(text) }])).toBe(`its batch can't be decoded: ${text}`);
    expect(reasonOf([{ undecodable: [...Buffer.from(text)] }])).toBe(`its batch can't be decoded: ${text}`);
  });

  it('a header of a megabyte is read', () => {
    const text = 'x'.repeat(1_000_000);
    expect(reasonOf([{ undecodable: signed(text) }])).toBe(`its batch can't be decoded: ${text}`);
  });

  it('the last of several headers of one name counts', () => {
    const headers = ['2', '3'].map((version) => ({ 'schema-version': signed(version) }));
    expect(reasonOf([...headers, { other: [] }])).toMatch(/schema version 3/);
  });

  const withHeader = (value: unknown) => ({
    topic: 't',
    partition: 0,
    offset: 0,
    headers: [{ trace: value }],
  });

  it.each([[[]], [[-128, 0, 127, 255]]])(
    'the headers of a record may be signed or unsigned bytes: %j',
    (value) => {
      expect(kafkaRecord.parse(withHeader(value)).headers).toEqual([{ trace: value }]);
    },
  );

  it.each([[[256]], [[-129]], [[1.5]], [['1']], [[null]], ['text'], [null]])(
    'a record header that is not a list of bytes is rejected: %j',
    (value) => {
      const { error } = kafkaRecord.safeParse(withHeader(value));
      expect(error?.issues).toMatchObject([{ path: ['headers', 0, 'trace'] }]);
    },
  );
});
