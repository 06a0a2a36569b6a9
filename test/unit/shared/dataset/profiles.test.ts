import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { COLUMN_DEFINITIONS, type TableRow } from '../../../../shared/dataset/columns.ts';
import { fittingProfile } from '../../../../shared/dataset/header.ts';
import { dataset } from '../../../../shared/dataset/open-dataset.ts';
import type { DatasetSettings } from '../../../../shared/dataset/settings.ts';
import { settingsFingerprint } from '../../../../shared/dataset/settings.ts';
import { readBothWays } from '../../../support/datasets.ts';

/** Small excerpts in the public form of each data set, made by hand. */
async function read(text: string, settings: DatasetSettings) {
  const source = dataset(
    'excerpt.csv',
    async () => Readable.from([Buffer.from(text)]),
    async () => settings,
  );
  const { rows, checked } = await readBothWays(source);
  return { rows: rows.map(named), checked };
}

/** The values that a row has, by the keys of their columns. */
function named(row: TableRow): Record<string, string> {
  return Object.fromEntries(
    COLUMN_DEFINITIONS.flatMap(({ key }, index) => {
      const value = row[index] ?? null;
      return value === null ? [] : [[key, value]];
    }),
  );
}

const SUPERSTORE = `Row ID,Order ID,Order Date,Ship Date,Ship Mode,Customer ID,Customer Name,Segment,Country,City,State,Postal Code,Region,Product ID,Category,Sub-Category,Product Name,Sales,Quantity,Discount,Profit
1,CA-2016-152156,11/8/2016,11/11/2016,Second Class,CG-12520,Claire Gute,Consumer,United States,Henderson,Kentucky,42420,South,FUR-BO-10001798,Furniture,Bookcases,Bush Somerset,261.96,2,0,41.91
4,US-2015-108966,10/13/2015,10/18/2015,Standard Class,SO-20335,Sean O'Donnell,Consumer,United States,Fort Lauderdale,Florida,33311,South,FUR-TA-10000577,Furniture,Tables,"Bretford 36""W Table",957.5775,5,0.45,-383.03
5,US-2015-108966,10/13/2015,10/18/2015,Standard Class,SO-20335,Sean O'Donnell,Consumer,United States,Miami,Florida,33311,South,FUR-TA-10000999,Furniture,Tables,Other,100,1,0,1
`;

describe('the profiles', () => {
  test('Rossmann: a unit is a euro of turnover of one product', async () => {
    const text = `"Store","DayOfWeek","Date","Sales","Customers","Open","Promo","StateHoliday","SchoolHoliday"
1,5,2015-07-31,5263,555,1,1,"0","1"
2,4,2015-07-30,0,0,0,0,"a","1"
`;
    const { rows } = await read(text, { profile: 'rossmann' });
    expect(rows).toEqual([
      { date: '2015-07-31', store: '1', product: 'All products', units: '5263', price: '1', promotion: '1' },
      { date: '2015-07-30', store: '2', product: 'All products', units: '0', price: '1', promotion: '0' },
    ]);
  });

  test('Favorita, items: units are rounded, returns are deducted, promotions may be unknown', async () => {
    const text = `id,date,store_nbr,item_nbr,unit_sales,onpromotion
0,2013-01-01,25,103665,7.0,
1,2013-01-01,25,105574,1.615,True
2,2013-01-01,25,105575,-2.0,False
`;
    const { rows, checked } = await read(text, { profile: 'favorita' });
    expect(rows.map(({ units, promotion }) => [units, promotion])).toEqual([
      ['7', undefined],
      ['2', '1'],
      ['-2', '0'],
    ]);
    expect(checked.notices).toContain(
      'Returns: 1 line with units below zero, deducted from the sales of their day, to no less than zero.',
    );
  });

  test('Favorita, families: ids with spaces and slashes, a number of items on promotion', async () => {
    const text = `id,date,store_nbr,family,sales,onpromotion
0,2013-01-01,1,BREAD/BAKERY,2.4,0
1,2013-01-01,1,LAWN AND GARDEN,3.0,12
`;
    const { rows } = await read(text, { profile: 'favorita' });
    expect(rows).toMatchObject([
      { product: 'BREAD/BAKERY', units: '2', promotion: '0' },
      { product: 'LAWN AND GARDEN', units: '3', promotion: '1' },
    ]);
  });

  test.each([
    [
      'II',
      'Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country',
      '2009-12-01 07:45:00',
    ],
    [
      'I',
      'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country',
      '12/13/2010 8:26',
    ],
  ])(
    'Online Retail %s: lines of a day add up, returns are deducted, bookings are left out',
    async (_, header, time) => {
      const text = `${header}
489434,85048,"15CM CHRISTMAS GLASS BALL, 20 LIGHTS",12,${time},6.95,13085,United Kingdom
489435,85048,15CM CHRISTMAS GLASS BALL 20 LIGHTS,8,${time},6.75,,United Kingdom
C489449,85048,15CM CHRISTMAS GLASS BALL 20 LIGHTS,-2,${time},6.95,16321,United Kingdom
A506401,B,Adjust bad debt,1,${time},-53594.36,,United Kingdom
`;
      const { rows, checked } = await read(text, { profile: 'online-retail' });
      expect(rows.map(({ units }) => units)).toEqual(['12', '8', '-2']);
      expect(rows[0]).toMatchObject({ store: 'United Kingdom', region: 'United Kingdom', product: '85048' });
      expect(checked).toMatchObject({ rows: 1, lines: 3, sum: true });
      expect(checked.notices).toContain('Left out: 1 line with a price below zero.');
      expect(checked.notices).toContain('3 lines add up to 1 sale of a day, store and product.');
    },
  );

  test('Superstore: the list price follows from amount, quantity and a discount as a fraction', async () => {
    const { rows, checked } = await read(SUPERSTORE, { profile: 'superstore' });
    expect(rows[0]).toEqual({
      date: '2016-11-08',
      store: 'South',
      product: 'Bookcases',
      category: 'Furniture',
      region: 'South',
      units: '2',
      price: '130.98',
      discount: '0',
    });
    expect(rows[1]).toMatchObject({ units: '5', price: '348.21', discount: '45' });
    expect(checked).toMatchObject({ rows: 2, lines: 3 });
    expect(checked.notices).toContain('Discount is a fraction: 0.15 is read as 15 per cent.');
  });

  test('The Complete Journey: discounts in money become the list price and per cent, of either sign', async () => {
    const text = `household_key,BASKET_ID,DAY,PRODUCT_ID,QUANTITY,SALES_VALUE,STORE_ID,RETAIL_DISC,TRANS_TIME,WEEK_NO,COUPON_DISC,COUPON_MATCH_DISC
2375,26984851472,1,1004906,1,1.5,364,-0.5,1631,1,0,0
2375,26984851472,711,1033142,2,2,364,0,1631,1,0,0
`;
    const { rows } = await read(text, { profile: 'complete-journey' });
    expect(rows).toMatchObject([
      { date: '2016-01-01', price: '2', discount: '25', units: '1' },
      { date: '2017-12-11', price: '1', discount: '0', units: '2' },
    ]);
    const newer = `household_id,store_id,basket_id,product_id,quantity,sales_value,retail_disc,coupon_disc,coupon_match_disc,week,transaction_timestamp
900,330,31198570044,1095275,1,0.5,0.5,0,0,1,2017-01-01 11:53:26
`;
    expect((await read(newer, { profile: 'complete-journey' })).rows).toMatchObject([
      { date: '2017-01-01', price: '1', discount: '50' },
    ]);
  });

  test('Kaggle: the copy with demand and epidemic columns is read by its names', async () => {
    const text = `Date,Store ID,Product ID,Category,Region,Inventory Level,Units Sold,Units Ordered,Price,Discount,Weather Condition,Promotion,Competitor Pricing,Seasonality,Epidemic,Demand
2022-01-01,S001,P0001,Electronics,North,195,102,252,72.72,5,Snowy,0,85.73,Winter,0,115
`;
    const { rows, checked } = await read(text, { profile: 'kaggle' });
    expect(rows[0]).toMatchObject({ promotion: '0', units: '102' });
    expect(checked.notices).toEqual([
      'Ignored: the 2 columns "Epidemic", "Demand".',
      'There is no Demand Forecast: there is no plan to compare forecasts with.',
    ]);
  });

  test('a file in the form of a profile that is read without it is refused with its name', async () => {
    await expect(read(SUPERSTORE, {})).rejects.toThrow('add --map superstore');
    expect(
      fittingProfile(['InvoiceNo', 'StockCode', 'Quantity', 'InvoiceDate', 'UnitPrice', 'Country']),
    ).toBe('online-retail');
    expect(fittingProfile(['Store', 'Date', 'Sales', 'Promo'])).toBe('rossmann');
    expect(fittingProfile(['a', 'b'])).toBeUndefined();
  });

  test('a mapping may start from a profile and change what it likes', async () => {
    const { rows } = await read(SUPERSTORE, {
      profile: 'superstore',
      columns: { product: 'Product ID', category: null },
    });
    expect(rows[0]).toMatchObject({ product: 'FUR-BO-10001798' });
    expect(rows[0]).not.toHaveProperty('category');
  });
});

describe('a mapping', () => {
  const text = 'Day,Qty,Total\n2022-01-01,2,5\n2022-01-02,-1,-2.5\n2022-01-03,,\n2022-01-04,1,-3\n';
  const settings: DatasetSettings = {
    columns: {
      date: 'Day',
      store: { value: 'Main' },
      product: { value: 1 },
      units: 'Qty',
      price: { amount: 'Total' },
    },
  };

  test('lines that can not be read as they are name what to add to the mapping', async () => {
    await expect(read(text, settings)).rejects.toMatchObject({
      problems: [
        { line: 3, column: 'Qty', remedy: expect.stringContaining('--returns net') },
        { line: 4, column: 'Qty', remedy: expect.stringContaining('"incomplete"') },
        { line: 5, column: 'Total', remedy: expect.stringContaining('"negative price"') },
      ],
    });
  });

  test('returns, incomplete lines and negative prices are treated as the mapping says', async () => {
    const { rows, checked } = await read(text, {
      ...settings,
      returns: 'drop',
      skip: ['incomplete', 'negative price'],
    });
    expect(rows).toEqual([{ date: '2022-01-01', store: 'Main', product: '1', units: '2', price: '2.50' }]);
    expect(checked.notices.filter((notice) => !notice.startsWith('There is no '))).toEqual([
      'Left out: 1 line without a date, store, product, units or price.',
      'Left out: 1 line with a price below zero.',
      'Returns: 1 line with units below zero, left out.',
    ]);
  });

  test('a constant that its column can not have is refused', async () => {
    const wrong = { ...settings, columns: { ...settings.columns, promotion: { value: 'often' } } };
    await expect(read(text, wrong)).rejects.toThrow(
      `can't be read by this mapping: "promotion": often must be 0 or 1`,
    );
  });

  test('equal settings in another order are the same, and none or an empty profile is the file alone', () => {
    expect(settingsFingerprint({ round: true, sum: true })).toBe(
      settingsFingerprint({ sum: true, round: true }),
    );
    expect(settingsFingerprint({ round: true })).not.toBe(settingsFingerprint({ sum: true }));
    expect(settingsFingerprint({ profile: 'kaggle' })).toBeNull();
  });
});
