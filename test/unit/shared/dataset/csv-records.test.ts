import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CsvRecord, readCsv } from '../../../../shared/dataset/csv-records.ts';

/** Any text without line breaks, often with characters that are special in CSV. */
const field = fc.oneof(
  fc.constantFrom('', '"', '""', ',', ' ', 'a"b', 'Zoë', '\ud83c\udf3b', '\\', '\t'),
  fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n\ufeff]/g, '')),
);
const table = fc.array(fc.array(field, { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 8 });

describe('reading CSV', () => {
  test('records are read as they were written, however the bytes are split into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 1, max: 50 }),
        async (rows, crlf, end, size) => {
          const lineEnd = crlf ? '\r\n' : '\n';
          const text = rows.map((row) => row.map(written).join(',')).join(lineEnd) + (end ? lineEnd : '');
          const records = await read(text, size);
          expect(records.map((record) => record.fields)).toEqual(rows);
          expect(parse(text, { relax_column_count: true })).toEqual(rows);
          expect(records.map((record) => record.line)).toEqual(rows.map((_, index) => index + 1));
        },
      ),
    );
  });

  test('a byte order mark and empty lines are skipped, and empty lines are counted', async () => {
    expect(await read('\ufeffa,b\n\r\n\nc,d\n')).toEqual([
      { line: 1, fields: ['a', 'b'] },
      { line: 4, fields: ['c', 'd'] },
    ]);
  });

  test('an empty file has no records', async () => {
    expect(await read('')).toEqual([]);
  });

  test.each([
    ['not closed', 'a,b\n"c,d\ne,f\n', 'field 1'],
    ['inside an unquoted field', 'a,b\nc,d"e"\n', 'field 2'],
    ['followed by other text', 'a,b\n"c"d,e\n', 'field 1'],
  ])('a quote that is %s is rejected with its line', async (_, text, place) => {
    await expect(read(text)).rejects.toMatchObject({ line: 2, message: expect.stringContaining(place) });
  });

  test('a line of more than 10,000 bytes is rejected, even before its end is read', async () => {
    const endless = (async function* () {
      yield Buffer.from('a,b\n');
      for (;;) yield Buffer.alloc(1_000, 'x');
    })();
    await expect(collect(endless)).rejects.toMatchObject({
      line: 2,
      message: expect.stringContaining('10000'),
    });
    await expect(read(`a,b\n${'x'.repeat(10_001)}\n`)).rejects.toMatchObject({ line: 2 });
  });
});

function written(value: string): string {
  return /[",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

function read(text: string, chunkSize = 64): Promise<CsvRecord[]> {
  const bytes = Buffer.from(text);
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkSize) }, (_, index) =>
    bytes.subarray(index * chunkSize, (index + 1) * chunkSize),
  );
  return collect(
    (async function* () {
      yield* chunks;
    })(),
  );
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<CsvRecord[]> {
  const records: CsvRecord[] = [];
  for await (const batch of readCsv(source)) records.push(...batch);
  return records;
}
