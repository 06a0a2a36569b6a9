import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { checkDataset, hashDataset } from '../../../../shared/dataset/check-dataset.ts';
import type { TableRow } from '../../../../shared/dataset/columns.ts';
import { DATASET_COLUMNS, type DatasetColumn } from '../../../../shared/dataset/columns.ts';
import { InvalidDatasetError } from '../../../../shared/dataset/errors.ts';
import { dataset } from '../../../../shared/dataset/open-dataset.ts';
import { datasetLines, datasetOf, readBothWays, textOf, withField } from '../../../support/datasets.ts';

const lines = datasetLines(3);
const text = textOf(lines);

describe('a good file', () => {
  test('a valid file is passed on row by row and summarised by day and by key', async () => {
    const rows: TableRow[] = [];
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

describe('rows that are passed on while a file is surveyed', () => {
  /** A file in pieces of 300 lines, with how often it was opened and what was passed on until and after it was read again. */
  async function follow(content: readonly string[]) {
    let opened = 0;
    const source = dataset('test.csv', async () => {
      opened += 1;
      const pieces = Array.from({ length: content.length / 300 }, (_, piece) =>
        textOf(content.slice(piece * 300, piece * 300 + 300)),
      );
      return Readable.from(pieces.map(Buffer.from));
    });
    const passed = [0];
    const take = async (rows: readonly TableRow[]) => void passed.push((passed.pop() ?? 0) + rows.length);
    await checkDataset(source, take, async () => void passed.push(0));
    return { opened, passed };
  }
  const many = datasetLines(12).slice(0, 1_200);
  const reorder = (line: string) => line.replace(/^(\d+)-(\d+)-(\d+)/, '$2/$3/$1');

  test('a file whose first lines show how it is written is read once', async () => {
    expect(await follow(many)).toEqual({ opened: 1, passed: [1_199] });
  });

  test('a file is read twice, and its rows are passed on again, if a later line shows that the first were misread', async () => {
    const fraction = (line: string) => line.replace(/^((?:[^,]*,){10})[^,]*/, '$1 0.5');
    const whole = (line: string) => line.replace(/^((?:[^,]*,){10})[^,]*/, '$1 0');
    const [head = '', ...rows] = many;
    const { opened, passed } = await follow([
      head,
      ...rows.map(whole).with(1_000, fraction(rows[1_000] ?? '')),
    ]);
    expect(opened).toBe(2);
    expect(passed).toEqual([expect.any(Number), 1_199]);
    expect(passed[0]).toBeGreaterThan(0);
  });

  test('no row is passed on before it is known what its date means', async () => {
    const [head = '', ...rows] = datasetLines(21).slice(0, 2_100);
    const { opened, passed } = await follow([head, ...rows.map(reorder)]);
    expect({ opened, passed }).toEqual({ opened: 2, passed: [2_099] });
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

  test('a damaged ZIP archive is rejected with the reason', async () => {
    const zip = dataset('archive.csv', async () => Readable.from([Buffer.from('PK\u0003\u0004rest')]));
    await expect(checkDataset(zip, ignore)).rejects.toThrow(
      "archive.csv can't be read: End of central directory record signature not found",
    );
  });

  test.each([
    ['little-endian', (utf16: Buffer) => utf16],
    ['big-endian', (utf16: Buffer) => utf16.swap16()],
  ])('a UTF-16 file with a byte order mark is decoded: %s', async (_, order) => {
    const utf16 = order(Buffer.from(`\ufeff${withField(lines, 7, 3, 'Gemüse')}`, 'utf16le'));
    const chunks = [utf16.subarray(0, 1), utf16.subarray(1, 1_001), utf16.subarray(1_001)];
    const rows: TableRow[] = [];
    const source = dataset('test.csv', async () => Readable.from(chunks));
    await checkDataset(source, async (batch) => void rows.push(...batch));
    expect(rows).toHaveLength(300);
    expect(rows[5]?.[3]).toBe('Gemüse');
  });
});

describe('a row', () => {
  const refused: [DatasetColumn, string[]][] = [
    ['Date', ['', '2022-02-30', '0999-12-31', 'never', '2022-13-01', '44562']],
    ['Store ID', ['', 'S\u00001', 'x'.repeat(65), 'S\ufffd']],
    ['Product ID', ['', 'P\u0000']],
    ['Category', ['x'.repeat(51), 'a\tb', 'caf\ufffd']],
    ['Inventory Level', ['-1', '1e3', '+1', '007', '2147483648', '0x1', '1.5']],
    ['Units Sold', ['', '-1', '12.5', 'many', 'NaN']],
    ['Units Ordered', ['-1']],
    ['Demand Forecast', ['1.234', '1e3', '.5', '5.', '--1', '10000000000']],
    ['Price', ['', '-0.01', '1.234', '100000000', 'Infinity', '12,5', '1,23', '12%']],
    ['Discount', ['-5', '100.01']],
    ['Holiday/Promotion', ['2', 'maybe']],
    ['Competitor Pricing', ['-1']],
  ];

  test.each(refused.flatMap(([column, values]) => values.map((value) => [column, value] as const)))(
    'a row with the %s %j is rejected',
    async (column, value) => {
      const index = DATASET_COLUMNS.indexOf(column);
      const field = value.includes(',') ? `"${value}"` : value;
      await expect(check(withField(lines, 7, index, field))).rejects.toMatchObject({
        problems: [
          { line: 7, column, value, reason: expect.stringMatching(/^(must be|is not text) /), count: 1 },
        ],
      });
    },
  );

  const accepted: [DatasetColumn, string[]][] = [
    ['Date', ['2024-02-29', '1000-01-01', '9999-12-31', '2022-1-01', '2022-01-01 ', '2022-01-01T00:00:00Z']],
    ['Store ID', ['S999', '\\N', 'x'.repeat(64), 'S 1', 'Zürich Süd', '店舗 1', '🌻'.repeat(64)]],
    ['Category', ['', 'x'.repeat(50), ' Toys ', 'Zoë & Söhne', '雑貨', 'NULL', '\\N', '\\']],
    ['Inventory Level', ['', '0', '2147483647', '1.0', ' 1', 'NaN', '1,234']],
    ['Demand Forecast', ['', 'NULL', '-9.97', '0', '-0.1', '9999999999.99', '20.0', '33.50', '(3.5)']],
    ['Price', ['0', '99999999.99', '€5', '5 €', 'EUR 5.50', '$1,234.50', '63.010000000000005']],
    ['Discount', ['', '0', '100', '12.5', '20%']],
    ['Weather Condition', ['']],
    ['Holiday/Promotion', ['', 'true', 'FALSE', 'Yes', '1.0']],
    ['Seasonality', ['']],
  ];

  test.each(accepted.flatMap(([column, values]) => values.map((value) => [column, value] as const)))(
    'a row with the %s %j is accepted',
    async (column, value) => {
      const index = DATASET_COLUMNS.indexOf(column);
      expect(
        await check(withField(lines, 7, index, value.includes(',') ? `"${value}"` : value)),
      ).toMatchObject({ rows: 300 });
    },
  );

  test('a row with too few or too many fields is rejected', async () => {
    const short = lines.with(4, '2022-01-01,S001,P0004');
    await expect(check(textOf(short))).rejects.toThrow('line 5 has 3 fields; the header has 15');
    await expect(check(textOf(lines.with(4, `${lines[4]},x`)))).rejects.toThrow('line 5 has 16 fields');
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
      problems: [{ line: 7, column: 'Category', remedy: expect.stringContaining('--encoding latin1') }],
    });
  });
});

describe('a bad file', () => {
  test('an invalid file is rejected with its name, and the line, column, value and reason of each problem', async () => {
    const bad = withField(lines, 17, 9, 'abc').replace(/,Winter\n$/, `,${'x'.repeat(51)}\n`);
    const error = await check(bad).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidDatasetError);
    expect(String(error)).toBe(
      'InvalidDatasetError: test.csv is not a data set that can be loaded; the tables are unchanged. Correct it:\n' +
        '  line 17, Price: "abc" must be a number from 0 to 99999999.99 with at most two decimals\n' +
        `  line 301, Seasonality: "${'x'.repeat(51)}" must be at most 50 characters of text without control characters\n` +
        '    → Shorten them, or leave the column out in a mapping: {"columns": {"category": null}}.',
    );
  });

  test('every kind of problem is reported once, with its count, first places and all columns', async () => {
    const bad = lines.map((line, index) => {
      if (index === 0) return line;
      const dated = index > 10 ? line.replace(/^[^,]*/, 'never') : line;
      return index > 20 ? dated.split(',').with(9, 'free').join(',') : dated;
    });
    const error = await check(textOf(bad)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      problems: [
        {
          line: 12,
          column: 'Date',
          value: 'never',
          count: 290,
          places: [12, 13, 14, 15, 16].map((line) => ({ line, column: 'Date', value: 'never' })),
        },
        { line: 22, column: 'Price', value: 'free', count: 280 },
      ],
    });
    expect(String(error)).toContain('290 times: line 12 "never", line 13 "never"');
  });

  test('a file whose header lacks columns is rejected with all of them, the header and the remedy', async () => {
    const header = 'Date,Shop,Article,Quantity,Amount';
    await expect(check(`${header}\n2022-01-01,a,b,1,2\n`)).rejects.toMatchObject({
      problems: ['Store ID', 'Product ID', 'Units Sold', 'Price'].map((name) => ({
        line: 1,
        reason: expect.stringContaining(`has no column "${name}"`),
      })),
    });
    await expect(check(`${header}\n`)).rejects.toThrow(
      'The header has "Date", "Shop", "Article", "Quantity", "Amount". Rename columns',
    );
  });

  test('a column that a header has twice is rejected', async () => {
    const bad = textOf(lines.with(0, (lines[0] ?? '').replace('Discount', 'Price')));
    await expect(check(bad)).rejects.toThrow('names columns 10 and 11 "Price"; there must be one');
  });

  test('a file without rows is rejected', async () => {
    await expect(check('')).rejects.toThrow('the file has no rows');
    await expect(check(`${lines[0]}\n`)).rejects.toThrow('the file has no rows');
  });

  test('a file that is not valid CSV is rejected with the line', async () => {
    await expect(check(withField(lines, 7, 3, '"Toys'))).rejects.toThrow('line 7 has a quote in field 4');
    await expect(check(withField(lines, 7, 3, '5" pipe'))).rejects.toThrow('write a quote inside it twice');
  });

  test('no row is passed on after the first problem', async () => {
    const taken: TableRow[] = [];
    const many = datasetLines(20);
    const [head, tail] = [textOf(many.slice(0, 1_001)), textOf(many.slice(1_001).with(3, 'x'))];
    const source = dataset('test.csv', async () => Readable.from([head, tail].map(Buffer.from)));
    await expect(checkDataset(source, async (rows) => void taken.push(...rows))).rejects.toThrow('line 1005');
    // csv-parse completes the last line of a chunk when it sees the next one.
    expect(taken).toHaveLength(999);
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

async function check(content: string) {
  return (await readBothWays(datasetOf(content))).checked;
}
