import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { dataset } from '../../../../shared/dataset/open-dataset.ts';
import type { DatasetSettings } from '../../../../shared/dataset/settings.ts';
import { datasetLines, type ReadDataset, readBothWays, textOf } from '../../../support/datasets.ts';
import { zipOf } from '../../../support/zip.ts';

/** The data set "retail store inventory" as people saved it again; 40 days, so that days of the month go beyond 12. */
const lines = datasetLines(40);
const [header = '', ...rows] = lines;

/** Every row with some of its fields changed. */
function changed(change: (fields: string[]) => string[], separator = ','): string {
  return textOf(
    [header, ...rows].map((line, index) => {
      const fields = line.split(',');
      return (index === 0 ? fields : change(fields)).join(separator);
    }),
  );
}

function withDate(form: (year: string, month: string, day: string) => string): string {
  return changed(([date = '', ...others]) => {
    const [year = '', month = '', day = ''] = date.split('-');
    return [form(year, month, day), ...others];
  });
}

async function read(content: string | Buffer, settings: DatasetSettings = {}): Promise<ReadDataset> {
  const source = dataset(
    'test.csv',
    async () => Readable.from([Buffer.from(content)]),
    async () => settings,
  );
  return readBothWays(source);
}

const expected = rows.map((row) => row.split(','));

describe('the dates of a column', () => {
  test.each([
    ['d-m-Y', (y: string, m: string, d: string) => `${d}-${m}-${y}`, 'Date is read as day/month/year.'],
    ['d/m/Y', (y: string, m: string, d: string) => `${d}/${m}/${y}`, 'Date is read as day/month/year.'],
    ['d.m.Y', (y: string, m: string, d: string) => `${d}.${m}.${y}`, 'Date is read as day/month/year.'],
    [
      'd-m-y',
      (y: string, m: string, d: string) => `${d}-${m}-${y.slice(2)}`,
      'Date is read as day/month/year.',
    ],
    [
      'm/d/y',
      (y: string, m: string, d: string) => `${Number(m)}/${Number(d)}/${y.slice(2)}`,
      'Date is read as month/day/year.',
    ],
    [
      'm/d/Y',
      (y: string, m: string, d: string) => `${Number(m)}/${Number(d)}/${y}`,
      'Date is read as month/day/year.',
    ],
    ['Y/m/d', (y: string, m: string, d: string) => `${y}/${Number(m)}/${Number(d)}`, undefined],
    [
      'y-m-d',
      (y: string, m: string, d: string) => `${y.slice(2)}-${m}-${d}`,
      'Date is read as year/month/day.',
    ],
    ['Ymd', (y: string, m: string, d: string) => `${y}${m}${d}`, undefined],
    [
      'a time',
      (y: string, m: string, d: string) => `${y}-${m}-${d} 00:00:00`,
      'The time of day in Date is dropped.',
    ],
    [
      'a time with a zone',
      (y: string, m: string, d: string) => `${y}-${m}-${d}T00:00:00.000+02:00`,
      'The time of day in Date is dropped.',
    ],
    [
      'a time with AM',
      (y: string, m: string, d: string) => `${m}/${d}/${y} 12:00:00 AM`,
      'The time of day in Date is dropped.',
    ],
    [
      'd-MMM-y',
      (y: string, m: string, d: string) => `${d}-${m === '01' ? 'Jan' : 'Feb'}-${y.slice(2)}`,
      'Years of two digits are 1969 to 2068.',
    ],
    [
      'MMM d, Y',
      (y: string, m: string, d: string) => `"${m === '01' ? 'January' : 'February'} ${Number(d)}, ${y}"`,
      undefined,
    ],
  ])('dates written as %s are read', async (_, form, notice) => {
    const { rows: taken, checked } = await read(withDate(form));
    expect(taken).toEqual(expected);
    if (notice !== undefined) expect(checked.notices).toContain(notice);
    // A month's name and a year in front leave nothing open.
    else expect(checked.notices).toEqual([]);
  });

  const ambiguous = (separator: string) =>
    textOf(
      [header, ...datasetLines(10).slice(1)].map((line) =>
        line.replace(/^(\d+)-(\d+)-(\d+)/, `$3${separator}$2${separator}$1`),
      ),
    );

  test('dates whose order no value tells are a question, together with all other problems', async () => {
    const text = ambiguous('/').replace(/\n([^\n]*),(\d+),(\d+),([^\n]*)\n$/, '\n$1,$2,many,$4\n');
    await expect(read(text)).rejects.toMatchObject({
      problems: [
        {
          column: 'Date',
          value: '02/01/2022',
          remedy: 'Answer with --date-format dmy or --date-format mdy.',
        },
        { column: expect.any(String), value: 'many' },
      ],
    });
  });

  test('the answer to the question decides', async () => {
    const asDays = await read(ambiguous('/'), { dateFormat: 'dmy' });
    expect(asDays.checked.days.map(({ date }) => date).at(-1)).toBe('2022-01-10');
    const asMonths = await read(ambiguous('/'), { dateFormat: 'mdy' });
    expect(asMonths.checked.days.map(({ date }) => date).at(-1)).toBe('2022-10-01');
  });

  test('dates that mean the same in either order are no question', async () => {
    const { checked } = await read(
      textOf([header, ...rows.slice(0, 100).map((row) => row.replace(/^[^,]*/, '01/01/2022'))]),
    );
    expect(checked.days.map(({ date }) => date)).toEqual(['2022-01-01']);
  });

  test('one date in another order than the others is a problem of its line', async () => {
    const text = withDate((y, m, d) => `${d}/${m}/${y}`).replace('\n31/01/2022', '\n01/31/2022');
    await expect(read(text)).rejects.toMatchObject({
      problems: [
        {
          column: 'Date',
          value: '01/31/2022',
          count: 1,
          reason: 'must be a date that exists, as day/month/year',
        },
      ],
    });
  });

  test('as many dates in one order as in the other are a question', async () => {
    const text = textOf([
      header,
      rows[0]?.replace(/^[^,]*/, '13/01/2022') ?? '',
      rows[1]?.replace(/^[^,]*/, '01/14/2022') ?? '',
    ]);
    await expect(read(text)).rejects.toThrow('it may be day/month/year or month/day/year');
  });

  test("Excel's day numbers are read only when they are announced", async () => {
    const text = textOf([header, rows[0]?.replace(/^[^,]*/, '44562') ?? '']);
    await expect(read(text)).rejects.toThrow('--date-format excel');
    const { checked } = await read(text, { dateFormat: 'excel' });
    expect(checked.days.map(({ date }) => date)).toEqual(['2022-01-01']);
  });
});

describe('numbers', () => {
  test('whole numbers with decimals of zero are read, as pandas writes a column with gaps', async () => {
    const text = changed((fields) =>
      fields.map((field, index) => ([5, 6, 7, 12].includes(index) ? `${field}.0` : field)),
    );
    expect((await read(text)).rows).toEqual(expected);
  });

  test('decimal commas are read where semicolons separate fields', async () => {
    const text = changed((fields) => fields.map((field) => field.replace('.', ',')), ';').replace(
      header,
      header.replaceAll(',', ';'),
    );
    const { rows: taken, checked } = await read(text);
    expect(taken).toEqual(expected);
    expect(checked.notices).toEqual(['Fields are separated by ";".', 'A comma marks decimals.']);
  });

  test('thousands separators and currency signs are dropped and announced', async () => {
    const text = changed((fields) => fields.with(9, `"$1,0${fields[9]}"`));
    const { rows: taken, checked } = await read(text);
    expect(taken.map((row) => row[9])).toEqual(expected.map((row) => `10${row[9]}`));
    expect(checked.notices).toEqual([
      'Marks between thousands are dropped.',
      'Currency signs are dropped: amounts have no currency.',
    ]);
  });

  test.each(['1 234,50', '1\u00a0234,50', "1'234,50", '1.234,50'])(
    '%j is a number where a comma marks decimals',
    async (price) => {
      const { rows: taken } = await read(
        changed(
          (fields) => fields.map((field, index) => (index === 9 ? price : field.replace('.', ','))),
          ';',
        ).replace(header, header.replaceAll(',', ';')),
      );
      expect(taken[0]?.[9]).toBe('1234.50');
    },
  );

  test('numbers whose sign may mark decimals or thousands are a question', async () => {
    const text =
      'Date,Store ID,Product ID,Units Sold,Price\n2022-01-01,S1,P1,3,"1,250"\n2022-01-02,S1,P1,3,"2,500"\n';
    await expect(read(text)).rejects.toMatchObject({
      problems: [
        { line: 2, column: 'Price', value: '1,250', remedy: expect.stringContaining('--decimal .') },
      ],
    });
    expect((await read(text, { decimal: '.' })).rows.map((row) => row[9])).toEqual(['1250', '2500']);
    expect((await read(text, { decimal: ',' })).rows.map((row) => row[9])).toEqual(['1.25', '2.50']);
  });

  test('discounts as fractions are recognised by their column and announced', async () => {
    const { rows: taken, checked } = await read(
      changed((fields) => fields.with(10, String(Number(fields[10]) / 100))),
    );
    expect(taken.map((row) => Number(row[10]))).toEqual(expected.map((row) => Number(row[10])));
    expect(checked.notices).toEqual(['Discount is a fraction: 0.15 is read as 15 per cent.']);
  });

  test('discounts of nothing but 0 and 1 are a question', async () => {
    const text = changed((fields) => fields.with(10, fields[10] === '0' ? '0' : '1'));
    await expect(read(text)).rejects.toThrow('--discount percent or --discount fraction');
    expect((await read(text, { discount: 'fraction' })).rows.some((row) => row[10] === '100')).toBe(true);
    expect((await read(text, { discount: 'percent' })).rows.some((row) => row[10] === '1')).toBe(true);
  });

  test('fractional units and a third decimal are refused with the remedy, which rounds them', async () => {
    const text = changed((fields) => fields.with(6, '2.5').with(9, '1.999'));
    await expect(read(text)).rejects.toMatchObject({
      problems: [
        { column: 'Units Sold', count: 4_000, remedy: 'Add --round to round them.' },
        { column: 'Price', count: 4_000, remedy: 'Add --round to round them.' },
      ],
    });
    const { rows: taken } = await read(text, { round: true });
    expect([taken[0]?.[6], taken[0]?.[9]]).toEqual(['3', '2.00']);
  });
});

describe('columns', () => {
  test('columns are found by name in any order, without case, spaces, punctuation and units', async () => {
    const order = [14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0];
    const names = header
      .split(',')
      .map((name) => name.toUpperCase().replace(' ', '_').replace('PRICE', 'Price ($) '));
    const text = textOf([
      order.map((index) => names[index]).join(','),
      ...rows.map((row) => order.map((index) => row.split(',')[index]).join(',')),
    ]);
    expect((await read(text)).rows).toEqual(expected);
  });

  test('an index column, unknown columns and empty trailing columns are ignored with a notice', async () => {
    const text = textOf([`,${header},Notes,,`, ...rows.map((row, index) => `${index},${row},x,,`)]);
    const { rows: taken, checked } = await read(text);
    expect(taken).toEqual(expected);
    expect(checked.notices).toEqual(['Ignored: the column "Notes".', 'Ignored: 3 columns without a name.']);
  });

  test('empty fields beyond the header and lines of nothing but separators are ignored', async () => {
    const text = `${textOf([header, ...rows.map((row) => `${row},`)])}${','.repeat(14)}\n`;
    const { rows: taken, checked } = await read(text);
    expect(taken).toEqual(expected);
    expect(checked.notices).toEqual(['Left out: 1 line without any value.']);
  });

  test('a date, store, product, units and price are enough, and what the rest costs is said', async () => {
    const { rows: taken, checked } = await read(
      'Date,Store,Product,Units,Price\n2022-01-01,Main St,Blue mug,3,2.50\n',
    );
    expect(taken).toEqual([
      [
        '2022-01-01',
        'Main St',
        'Blue mug',
        null,
        null,
        null,
        '3',
        null,
        null,
        '2.50',
        null,
        null,
        null,
        null,
        null,
      ],
    ]);
    expect(checked.notices).toHaveLength(10);
    expect(checked.notices).toContain('There is no Holiday/Promotion: promotions can’t be analysed.');
    expect([...checked.stores]).toEqual([['Main St', null]]);
  });

  test('missing values of a column that the file has are counted', async () => {
    const { checked } = await read(changed((fields) => fields.with(11, '')));
    expect(checked.notices).toEqual(['Without a value: Weather Condition in 4,000 lines.']);
  });

  test('pairs whose joined ids look alike stay apart', async () => {
    const text = 'Date,Store,Product,Units,Price\n2022-01-01,a b,c,1,1\n2022-01-01,a,b c,1,1\n';
    expect((await read(text)).checked).toMatchObject({ rows: 2, pairs: 2 });
  });
});

describe('containers, encodings and separators', () => {
  test.each([
    [';', ';'],
    ['a tab', '\t'],
    ['|', '|'],
  ])('fields may be separated by %s', async (_, separator) => {
    expect((await read(lines.join('\n').replaceAll(',', separator))).rows).toEqual(expected);
  });

  test("Excel's line sep=; before the header is understood, and lines are counted from it", async () => {
    const text = `sep=;\r\n${lines.join('\r\n').replaceAll(',', ';')}`;
    expect((await read(text)).rows).toEqual(expected);
    await expect(
      read(
        text
          .replace(/;[^;]*\r\n2022-02-09;S005;P0020/, ';\r\n2022-02-09;S005;P0020')
          .replace(';S005;P0020;', ';;P0020;'),
      ),
    ).rejects.toMatchObject({
      problems: [{ line: 102, column: 'Store ID' }],
    });
  });

  test('lines may end with a carriage return alone', async () => {
    expect((await read(lines.join('\r'))).rows).toEqual(expected);
  });

  test('UTF-16 is read with and without a byte order mark', async () => {
    const text = textOf(lines).replaceAll('Toys', 'Spielzeug für Söhne');
    for (const bytes of [
      Buffer.from(`\ufeff${text}`, 'utf16le'),
      Buffer.from(text, 'utf16le'),
      Buffer.from(text, 'utf16le').swap16(),
    ]) {
      const { rows: taken } = await read(bytes);
      expect(taken.some((row) => row[3] === 'Spielzeug für Söhne')).toBe(true);
    }
  });

  test('Latin-1 is read when it is announced', async () => {
    const bytes = Buffer.from(textOf(lines).replaceAll('Toys', 'Gemüse'), 'latin1');
    await expect(read(bytes)).rejects.toThrow('--encoding latin1');
    const { rows: taken, checked } = await read(bytes, { encoding: 'latin1' });
    expect(taken.some((row) => row[3] === 'Gemüse')).toBe(true);
    expect(checked.notices).toEqual(['The text is windows-1252.']);
  });

  test('a ZIP archive with one table in it is read, also when the table is compressed again', async () => {
    const text = Buffer.from(textOf(lines));
    const archive = zipOf({
      '__MACOSX/._a.csv': Buffer.from('x'),
      'folder/': Buffer.of(),
      'folder/a.csv': text,
      'about.md': text,
    });
    expect((await read(archive)).rows).toEqual(expected);
    expect((await read(zstdCompressSync(text))).rows).toEqual(expected);
    expect((await read(gzipSync(zipOf({ 'a.csv.gz': gzipSync(text) })))).rows).toEqual(expected);
  });

  test.each([
    [
      'several tables',
      zipOf({ 'a.csv': Buffer.from('a'), 'b.csv': Buffer.from('b') }),
      '2 tables (a.csv, b.csv); unpack it, and load one',
    ],
    ['no table', zipOf({ 'a.png': Buffer.from('a') }), 'a ZIP archive without a CSV file (it has a.png)'],
    [
      'a workbook',
      zipOf({ '[Content_Types].xml': Buffer.from('a'), 'xl/workbook.xml': Buffer.from('b') }),
      'an Excel workbook; save its sheet',
    ],
    [
      'an OpenDocument file',
      zipOf({ mimetype: Buffer.from('a'), 'content.xml': Buffer.from('b') }),
      'an OpenDocument file; save its sheet as CSV',
    ],
    ['an old workbook', Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1]), 'an Excel workbook; save its sheet'],
    ['a Parquet file', Buffer.from('PAR1....'), 'a Parquet file; save it as CSV'],
    ['a bzip2 file', Buffer.from('BZh91AY&SY'), 'packed by bzip2; unpack it'],
    ['an xz file', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), 'packed by xz; unpack it'],
    ['a 7z archive', Buffer.from([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]), 'a 7z archive; unpack it'],
    ['a web page', Buffer.from('\n<!DOCTYPE html><html></html>'), 'a web page or XML'],
    ['JSON', Buffer.from('[\n {"Date": "2024-01-01"}]'), 'JSON; save it as CSV'],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x44, 0, 0, 0]), 'UTF-32; save it as'],
  ])('an archive with %s is rejected with a remedy', async (_, bytes, reason) => {
    await expect(read(bytes)).rejects.toThrow(reason);
  });
});
