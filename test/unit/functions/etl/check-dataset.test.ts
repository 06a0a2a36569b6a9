import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { checkDataset, hashDataset } from '../../../../functions/etl/check-dataset.ts';
import type { RowFields } from '../../../../functions/etl/csv-row.ts';
import { DATASET_COLUMNS, type DatasetColumn } from '../../../../functions/etl/csv-row.ts';
import { InvalidDatasetError } from '../../../../functions/etl/dataset-errors.ts';
import { dataset } from '../../../../functions/etl/open-dataset.ts';
import { datasetLines, datasetOf, textOf, withField } from '../../../support/datasets.ts';

const lines = datasetLines(3);
const text = textOf(lines);

describe('a good file', () => {
  test('a valid file is passed on row by row and summarised by day and by key', async () => {
    const rows: RowFields[] = [];
    const checked = await checkDataset(datasetOf(text), async (batch) => void rows.push(...batch));
    expect(rows.map((row) => row.join(','))).toEqual(lines.slice(1));
    expect(checked).toMatchObject({ rows: 300, sha256: createHash('sha256').update(text).digest('hex') });
    expect(checked.days.map(({ date, sales }) => [date, sales])).toEqual([
      ['2022-01-01', 100],
      ['2022-01-02', 100],
      ['2022-01-03', 100],
    ]);
    expect(checked.stores.size).toBe(5);
    expect(checked.products.size).toBe(20);
  });

  test('the attributes of a key come from its first row', async () => {
    const [header, first = '', second = ''] = lines;
    const other = second
      .replace(/^([^,]*),S001,P0002,[^,]*,[^,]*/, '$1,S001,P0001x,Other,Elsewhere')
      .split(',');
    const changed = other.with(11, 'Foggy').with(12, '0').with(14, 'Monsoon').join(',');
    const { days, stores, products } = await check(textOf([header ?? '', first, changed]));
    const fields = first.split(',');
    expect(days).toMatchObject([
      { weather: fields[11], isPromotion: fields[12], seasonality: fields[14], sales: 2 },
    ]);
    expect([...stores]).toEqual([['S001', fields[4]]]);
    expect([...products]).toEqual([
      ['P0001', fields[3]],
      ['P0001x', 'Other'],
    ]);
  });

  test('the dates of a file may be in any order, and its days are returned in ascending order', async () => {
    const [header = '', ...rows] = lines;
    const { days } = await check(textOf([header, ...rows.toReversed()]));
    expect(days.map(({ date }) => date)).toEqual(['2022-01-01', '2022-01-02', '2022-01-03']);
  });

  test('a file may have CRLF line endings, a byte order mark, quotes and no final line ending', async () => {
    const quoted = lines.map((line) =>
      line
        .split(',')
        .map((field) => `"${field}"`)
        .join(','),
    );
    const { rows } = await check(`\ufeff${quoted.join('\r\n')}`);
    expect(rows).toBe(300);
  });

  test('a file may be compressed, and its hash is that of the uncompressed content', async () => {
    const packed = dataset('test.csv.gz', async () => Readable.from([gzipSync(text)]));
    expect(await hashDataset(packed)).toBe(await hashDataset(datasetOf(text)));
    expect((await checkDataset(packed, ignore)).rows).toBe(300);
  });
});

describe('a file in another container or encoding', () => {
  test('a gzip file is decompressed whatever its name', async () => {
    const [first, rest] = [gzipSync(text).subarray(0, 1), gzipSync(text).subarray(1)];
    const packed = dataset('test.csv', async () => Readable.from([first, rest]));
    expect((await checkDataset(packed, ignore)).rows).toBe(300);
  });

  test('a plain file is read as it is even if its name ends in .gz', async () => {
    const plain = dataset('test.csv.gz', async () => Readable.from([Buffer.from(text)]));
    expect((await checkDataset(plain, ignore)).rows).toBe(300);
  });

  test('a ZIP archive, which an Excel workbook also is, is rejected with a remedy', async () => {
    const zip = dataset('archive.csv', async () => Readable.from([Buffer.from('PK\u0003\u0004rest')]));
    await expect(checkDataset(zip, ignore)).rejects.toThrow(
      "archive.csv can't be read: it is a ZIP archive or an Excel workbook; unpack it, or save it as CSV",
    );
  });

  test.each([
    ['little-endian', (utf16: Buffer) => utf16],
    ['big-endian', (utf16: Buffer) => utf16.swap16()],
  ])('a UTF-16 file with a byte order mark is decoded: %s', async (_, order) => {
    const utf16 = order(Buffer.from(`\ufeff${withField(lines, 7, 3, 'Gemüse')}`, 'utf16le'));
    const chunks = [utf16.subarray(0, 1), utf16.subarray(1, 1_001), utf16.subarray(1_001)];
    const rows: RowFields[] = [];
    const source = dataset('test.csv', async () => Readable.from(chunks));
    await checkDataset(source, async (batch) => void rows.push(...batch));
    expect(rows).toHaveLength(300);
    expect(rows[5]?.[3]).toBe('Gemüse');
  });
});

describe('a row', () => {
  const refused: [DatasetColumn, string[]][] = [
    [
      'Date',
      ['', '2022-1-01', '2022-02-30', '01/02/2022', '2022-01-01 ', '0999-12-31', '2022-01-01T00:00:00Z'],
    ],
    ['Store ID', ['', 'S 1', 'S1\t', 'Sé', 'x'.repeat(33)]],
    ['Product ID', ['', 'P\u0000']],
    ['Category', ['', ' Toys', 'Toys ', 'x'.repeat(51), 'a\tb', 'caf\ufffd']],
    ['Region', ['', ' ']],
    ['Inventory Level', ['', '-1', '1.0', '1e3', '+1', ' 1', '007', '2147483648', 'NaN', '0x1']],
    ['Units Sold', ['', '-1', '12.5', 'many']],
    ['Units Ordered', ['', '-1']],
    ['Demand Forecast', ['', '1.234', '1e3', '.5', '5.', '--1', '10000000000', 'NULL']],
    ['Price', ['', '-0.01', '1.234', '100000000', 'Infinity', '€5', '12,5']],
    ['Discount', ['', '-5', '100.01', '20%']],
    ['Weather Condition', ['']],
    ['Holiday/Promotion', ['', '2', 'true', '1.0']],
    ['Competitor Pricing', ['', '-1']],
    ['Seasonality', ['']],
  ];

  test.each(refused.flatMap(([column, values]) => values.map((value) => [column, value] as const)))(
    'a row with the %s %j is rejected',
    async (column, value) => {
      const index = DATASET_COLUMNS.indexOf(column);
      const field = value.includes(',') ? `"${value}"` : value;
      await expect(check(withField(lines, 7, index, field))).rejects.toMatchObject({
        problems: [{ line: 7, column, value, reason: expect.stringMatching(/^must be /) }],
      });
    },
  );

  const accepted: [DatasetColumn, string[]][] = [
    ['Date', ['2024-02-29', '1000-01-01', '9999-12-31']],
    ['Store ID', ['S999', '\\N', 'x'.repeat(32)]],
    ['Category', ['x'.repeat(50), 'Zoë & Söhne', '雑貨', 'NULL', '\\N', '\\']],
    ['Inventory Level', ['0', '2147483647']],
    ['Demand Forecast', ['-9.97', '0', '-0.1', '9999999999.99', '20.0', '33.50']],
    ['Price', ['0', '99999999.99']],
    ['Discount', ['0', '100', '12.5']],
  ];

  test.each(accepted.flatMap(([column, values]) => values.map((value) => [column, value] as const)))(
    'a row with the %s %j is accepted',
    async (column, value) => {
      const index = DATASET_COLUMNS.indexOf(column);
      expect(await check(withField(lines, 7, index, value))).toMatchObject({ rows: 300 });
    },
  );

  test('a row with too few or too many fields is rejected', async () => {
    const short = lines.with(4, '2022-01-01,S001,P0004');
    await expect(check(textOf(short))).rejects.toThrow('line 5 has 3 fields; the header has 15');
    await expect(check(textOf(lines.with(4, `${lines[4]},`)))).rejects.toThrow('line 5 has 16 fields');
  });

  test('a row that repeats a date, store and product is rejected', async () => {
    await expect(check(textOf([...lines, lines[150] ?? '']))).rejects.toMatchObject({
      problems: [
        { line: 302, column: null, reason: 'repeats the date, store and product of an earlier line' },
      ],
    });
  });

  test('a row that is not UTF-8 is rejected', async () => {
    const latin1 = Buffer.from(withField(lines, 7, 3, 'Gemüse'), 'latin1');
    const broken = dataset('test.csv', async () => Readable.from([latin1]));
    await expect(checkDataset(broken, ignore)).rejects.toMatchObject({
      problems: [{ line: 7, column: 'Category' }],
    });
  });
});

describe('a bad file', () => {
  test('an invalid file is rejected with its name, and the line, column, value and reason of each problem', async () => {
    const bad = withField(lines, 17, 9, 'abc').replace(/,Winter\n$/, ',\n');
    const error = await check(bad).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidDatasetError);
    expect(String(error)).toBe(
      'InvalidDatasetError: test.csv is not a data set that can be loaded; the tables are unchanged. Correct it:\n' +
        '  line 17, Price: "abc" must be a number from 0 to 99999999.99 with at most two decimals\n' +
        '  line 301, Seasonality: "" must be 1 to 50 characters of UTF-8 text without control characters or spaces around it',
    );
  });

  test('an invalid file is rejected with its first 20 problems', async () => {
    const bad = lines.map((line, index) => (index > 10 ? line.replace(/^[^,]*/, 'never') : line));
    await expect(check(textOf(bad))).rejects.toMatchObject({
      problems: Array.from({ length: 20 }, (_, index) => ({
        line: 12 + index,
        column: 'Date',
        value: 'never',
      })),
    });
  });

  test.each([
    [
      'a renamed column',
      (header: string) => header.replace('Price', 'price'),
      'names column 10 "price"; it must be "Price"',
    ],
    [
      'swapped columns',
      (header: string) => header.replace('Store ID,Product ID', 'Product ID,Store ID'),
      'names column 2 "Product ID"; it must be "Store ID"',
    ],
    [
      'the last column missing',
      (header: string) => header.replace(',Seasonality', ''),
      'has no column 15; it must be "Seasonality"',
    ],
    ['an extra column', (header: string) => `${header},Notes`, 'has a column more than it should: "Notes"'],
    ['semicolons', (header: string) => header.replaceAll(',', ';'), 'names column 1 "Date;Store ID'],
    ['a trailing space', (header: string) => header.replace('Date', 'Date '), 'names column 1 "Date "'],
  ])('a file with a wrong header is rejected: %s', async (_, change, reason) => {
    const bad = textOf(lines.with(0, change(lines[0] ?? '')));
    await expect(check(bad)).rejects.toMatchObject({
      problems: [{ line: 1, reason: expect.stringContaining(reason) }],
    });
  });

  test('a file without rows is rejected', async () => {
    await expect(check('')).rejects.toThrow('the file has no rows');
    await expect(check(`${lines[0]}\n`)).rejects.toThrow('the file has no rows');
  });

  test('a file that is not valid CSV is rejected with the line', async () => {
    await expect(check(withField(lines, 7, 3, '"Toys'))).rejects.toThrow('line 7 has a quote in field 4');
  });

  test('no row is passed on after the first problem', async () => {
    const taken: RowFields[] = [];
    const [head, tail] = [textOf(lines.slice(0, 101)), textOf(lines.slice(101).with(3, 'x'))];
    const source = dataset('test.csv', async () =>
      Readable.from([head, tail, textOf(lines.slice(1))].map(Buffer.from)),
    );
    await expect(checkDataset(source, async (rows) => void taken.push(...rows))).rejects.toThrow('line 105');
    // csv-parse completes the last line of a chunk when it sees the next one.
    expect(taken).toHaveLength(99);
  });

  test('an unreadable file is distinguished from an invalid one', async () => {
    const cut = dataset('test.csv.gz', async () => Readable.from([gzipSync(text).subarray(0, 1_000)]));
    await expect(checkDataset(cut, ignore)).rejects.toThrow(
      "test.csv.gz can't be read: unexpected end of file",
    );
    const gone = dataset('gone.csv', () => Promise.reject(new Error('ENOENT: no such file')));
    await expect(hashDataset(gone)).rejects.toThrow("gone.csv can't be read: ENOENT: no such file");
  });
});

async function ignore(): Promise<void> {}

function check(content: string) {
  return checkDataset(datasetOf(content), ignore);
}
