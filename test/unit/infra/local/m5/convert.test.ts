import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkFile } from '../../../../../infra/local/describe-dataset.ts';
import { convertM5 } from '../../../../../infra/local/m5/convert.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'm5-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function m5Files(): Promise<void> {
  await writeFile(
    join(folder, 'calendar.csv'),
    `date,wm_yr_wk,weekday,wday,month,year,d,event_name_1,event_type_1,event_name_2,event_type_2,snap_CA,snap_TX,snap_WI
2011-01-29,11101,Saturday,1,1,2011,d_1,,,,,0,0,0
2011-02-05,11102,Saturday,1,2,2011,d_2,,,,,1,1,0
2011-02-06,11102,Sunday,2,2,2011,d_3,SuperBowl,Sporting,,,1,1,1
2011-02-12,11103,Saturday,1,2,2011,d_4,,,,,1,1,1
`,
  );
  await writeFile(
    join(folder, 'sell_prices.csv'),
    `store_id,item_id,wm_yr_wk,sell_price
CA_1,HOBBIES_1_001,11102,9.58
TX_1,HOBBIES_1_001,11101,8.26
TX_1,HOBBIES_1_001,11102,8.2
`,
  );
  // Kaggle's file has 1,913 or 1,941 days; the calendar goes further than the sales.
  await writeFile(
    join(folder, 'sales_train_validation.csv'),
    `id,item_id,dept_id,cat_id,store_id,state_id,d_1,d_2,d_3
HOBBIES_1_001_CA_1_validation,HOBBIES_1_001,HOBBIES_1,HOBBIES,CA_1,CA,0,3,1
HOBBIES_1_001_TX_1_validation,HOBBIES_1_001,HOBBIES_1,HOBBIES,TX_1,TX,4,0,2
`,
  );
}

test("M5's wide sales become a row per day with the week's price, from the first price on", async () => {
  await m5Files();
  const output = join(folder, 'm5.csv');
  expect(await convertM5({ folder, output, stores: new Set(), days: Number.POSITIVE_INFINITY })).toEqual({
    rows: 5,
    skipped: 1,
  });
  expect(await readFile(output, 'utf8')).toBe(`Date,Store ID,Product ID,Category,Region,Units Sold,Price,Event
2011-02-05,CA_1,HOBBIES_1_001,HOBBIES,CA,3,9.58,0
2011-02-06,CA_1,HOBBIES_1_001,HOBBIES,CA,1,9.58,1
2011-01-29,TX_1,HOBBIES_1_001,HOBBIES,TX,4,8.26,0
2011-02-05,TX_1,HOBBIES_1_001,HOBBIES,TX,0,8.20,0
2011-02-06,TX_1,HOBBIES_1_001,HOBBIES,TX,2,8.20,1
`);
  expect(await checkFile(output, { profile: 'm5' })).toMatchObject({ rows: 5, pairs: 2 });
});

test('some stores and the last days of M5 may be taken', async () => {
  await m5Files();
  const output = join(folder, 'm5.csv');
  expect(await convertM5({ folder, output, stores: new Set(['TX_1']), days: 2 })).toEqual({
    rows: 2,
    skipped: 0,
  });
});

test('a folder without the files of M5 is refused with what to do', async () => {
  const output = join(folder, 'm5.csv');
  await expect(convertM5({ folder, output, stores: new Set(), days: 1 })).rejects.toThrow(
    'has no sales_train_evaluation.csv or sales_train_validation.csv or sales_train.csv',
  );
});
