import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readDatasetSettings } from '../../../../infra/local/dataset.ts';
import { checkBeforeStart, checkFile, describeDataset } from '../../../../infra/local/describe-dataset.ts';
import { SetupError } from '../../../../infra/local/servers/setup-error.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'settings-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function fileOf(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

describe('the options', () => {
  test('no options are no settings', async () => {
    expect(await readDatasetSettings({})).toEqual({});
  });

  test('a profile may be named, and other options override it', async () => {
    expect(await readDatasetSettings({ map: 'Superstore', returns: 'drop', sum: true })).toEqual({
      profile: 'superstore',
      returns: 'drop',
      sum: true,
    });
  });

  test.each([
    ['dd/mm/yyyy', 'dmy'],
    ['m/d/y', 'mdy'],
    ['YMD', 'ymd'],
    ['Excel', 'excel'],
  ])('the date format %s is %s', async (format, expected) => {
    expect(await readDatasetSettings({ 'date-format': format })).toEqual({ dateFormat: expected });
  });

  test('a mapping is read from a file', async () => {
    const mapping = {
      columns: { units: ['Qty', 'Quantity'], price: { amount: 'Total' }, store: { value: 'Main' } },
    };
    const map = await fileOf('mapping.json', JSON.stringify(mapping));
    expect(await readDatasetSettings({ map })).toEqual(mapping);
  });

  test.each([
    ['{"columns": {"unit": "Qty"}}', 'Unrecognized key: "unit"'],
    ['{"returns": "maybe"}', 'at returns'],
    ['{', 'is not JSON'],
  ])('the mapping %s is rejected with the reason', async (text, reason) => {
    const map = await fileOf('mapping.json', text);
    await expect(readDatasetSettings({ map })).rejects.toThrow(reason);
    await expect(readDatasetSettings({ map })).rejects.toBeInstanceOf(SetupError);
  });

  test.each([
    [{ map: 'nothing' }, 'There is no profile and no file nothing'],
    [{ 'date-format': 'ydm' }, 'at dateFormat'],
    [{ encoding: 'klingon' }, 'an encoding is utf-8'],
    [{ decimal: ';' }, 'at decimal'],
  ])('the options %j are rejected with the reason', async (options, reason) => {
    await expect(readDatasetSettings(options)).rejects.toThrow(reason);
  });
});

const HEADER = 'Date,Store,Product,Units,Price\n';

describe('the check before a start', () => {
  test('a file with problems is rejected with all of them, and with the answer it is accepted', async () => {
    const path = await fileOf('shop.csv', `${HEADER}03/04/2022,A,x,1,2\n05/06/2022,A,x,many,2\n`);
    const options = { path, stampFile: join(folder, 'stamp'), report: () => undefined };
    await expect(checkBeforeStart({ ...options, settings: {} })).rejects.toThrow(
      /--date-format dmy[\s\S]*"many"/,
    );
    await writeFile(path, `${HEADER}03/04/2022,A,x,1,2\n`);
    await checkBeforeStart({ ...options, settings: { dateFormat: 'dmy' } });
  });

  test('a file that was fine is checked again only if it, its time or the settings changed', async () => {
    const path = await fileOf('shop.csv', `${HEADER}2022-04-03,A,x,1,2\n`);
    const reports: string[] = [];
    const check = (settings = {}) =>
      checkBeforeStart({
        path,
        settings,
        stampFile: join(folder, '.local/stamp'),
        report: (line) => reports.push(line),
      });
    await check();
    await check();
    expect(reports).toHaveLength(1);
    await check({ round: true });
    await utimes(path, 1, 1);
    await check({ round: true });
    expect(reports).toHaveLength(3);
  });

  test('a file that is not there is a problem that a person can fix', async () => {
    await expect(checkFile(join(folder, 'none.csv'), {})).rejects.toBeInstanceOf(SetupError);
  });
});

test('the description of a data set names span, gaps, stores, products, columns and what is missing', async () => {
  const rows = [
    '2022-01-01,Main St,mug,3,2.5',
    '2022-01-04,Main St,mug,1,2.5',
    '2022-01-04,Main St,cup,1,2.5',
  ];
  const path = await fileOf('shop.csv', `${HEADER}${rows.join('\n')}\n`);
  const lines = describeDataset('shop.csv', await checkFile(path, {}));
  expect(lines).toEqual(
    expect.arrayContaining([
      '  sales      3',
      '  span       2022-01-01 to 2022-01-04: 2 days with sales, 2 without (the longest gap has 2)',
      '  per day    1 to 2 sales',
      '  stores     1 (Main St)',
      '  products   2 (mug, cup), in 2 pairs with stores',
      '  Units Sold         "Units"',
      '  Inventory Level    missing: stock-outs and cover are unknown',
      '  dates      year/month/day',
    ]),
  );
});

test('the description of a single day with one sale counts in the singular', async () => {
  const path = await fileOf('day.csv', `${HEADER}2022-01-01,Main St,mug,3,2.5\n`);
  expect(describeDataset('day.csv', await checkFile(path, {}))).toEqual(
    expect.arrayContaining([
      '  span       2022-01-01 to 2022-01-01: 1 day with sales, no gaps',
      '  per day    1 sale',
      '  products   1 (mug), in 1 pair with stores',
    ]),
  );
});
