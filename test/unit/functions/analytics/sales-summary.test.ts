import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { GroupTotals, RunSales } from '../../../../functions/analytics/sales-summary.ts';
import { salesSummary } from '../../../../functions/analytics/sales-summary.ts';
import type { SummaryQuestion } from '../../../../shared/api/sales-summary.ts';

const RUNS = ['first', 'second'];

interface Row {
  readonly run: string;
  readonly store: string;
  readonly product: string;
  readonly day: number;
  readonly cents: number;
  /** 1 if the stock was sold out, 0 if not, null if the data set doesn't tell. */
  readonly soldOut: number | null;
}

/** Rows of a slice, instead of a quarter of a million. */
const SLICE = 5;

/** An append-only database; a row's id is its position. Groups by store, and by day if requested. */
function memorySales() {
  const rows: Row[] = [];
  const asked: number[] = [];
  const sales: RunSales = {
    newest: async (run) => rows.findLastIndex(({ run: of }) => of === run) + 1,
    async endOfSlice(run, after) {
      const following = rows.flatMap(({ run: of }, index) =>
        of === run && index + 1 > after ? [index + 1] : [],
      );
      return following[SLICE - 1] ?? null;
    },
    async totals(run, { by, then_by, product_id, day, days = 1, before_id = rows.length + 1 }, after) {
      asked.push(after);
      const numbered = rows.map((row, index) => ({ ...row, id: index + 1 }));
      const found = numbered.filter(
        ({ run: of, product, day: index, id }) =>
          of === run &&
          (product_id ?? product) === product &&
          index < (day ?? index + 1) &&
          index >= (day ?? index + days) - days &&
          id > after &&
          id < before_id,
      );
      const label = (row: Row) => (by === 'store' ? row.store : row.day);
      const groups = Map.groupBy(found, (row) => JSON.stringify([label(row), then_by ? row.day : null]));
      const totals = [...groups].map(([name, members]): GroupTotals => {
        const [first, second] = JSON.parse(name);
        return {
          label: first,
          sublabel: second,
          revenue_cents: members.reduce((sum, { cents }) => sum + cents, 0),
          net_cents: members.reduce((sum, { cents }) => sum + Math.floor(cents / 2), 0),
          units: members.length,
          events: members.length,
          promotions: 0,
          discounts_known: members.length,
          rows_known: members.length,
          row_promotions: members.length,
          stock_outs: sumOfKnown(members.map(({ soldOut }) => soldOut)),
          lost_units: sumOfKnown(members.map(({ soldOut }) => soldOut && soldOut / 2)),
          last_id: Math.max(...members.map(({ id }) => id)),
        };
      });
      return totals.sort(
        (a, b) => order(a.label ?? -1, b.label ?? -1) || order(a.sublabel ?? -1, b.sublabel ?? -1),
      );
    },
  };
  return { sales, rows, asked };
}

function inOneGo(sales: RunSales): RunSales {
  return { ...sales, endOfSlice: async () => null };
}

/** As SQL's SUM: null without a known value. */
function sumOfKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

function order(a: string | number, b: string | number): number {
  return a < b ? -1 : Number(a > b);
}

const row = fc.record({
  run: fc.constantFrom(...RUNS),
  store: fc.constantFrom('S1', 'S2', 'S3'),
  product: fc.constantFrom('P1', 'P2'),
  day: fc.nat(12),
  cents: fc.nat(10_000),
  soldOut: fc.constantFrom(0, 1, null),
});
const question: fc.Arbitrary<SummaryQuestion> = fc.record(
  {
    by: fc.constantFrom('store' as const, 'day_index' as const),
    then_by: fc.constant('day_index' as const),
    product_id: fc.constantFrom('P1', 'P2'),
    day: fc.integer({ min: 1, max: 13 }),
    days: fc.integer({ min: 1, max: 4 }),
    before_id: fc.integer({ min: 1, max: 40 }),
  },
  { requiredKeys: ['by'] },
);

test('an incremental summary equals a full one, whatever was requested before and stored since', async () => {
  const step = fc.oneof(row, fc.tuple(fc.constantFrom(...RUNS), question));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { sales, rows } = memorySales();
      const summary = salesSummary(sales);
      for (const each of steps) {
        if (!Array.isArray(each)) rows.push(each);
        else expect(await summary(...each)).toEqual(await salesSummary(inOneGo(sales))(...each));
      }
    }),
  );
});

test('a run that is too much for one query is summed in slices, which are kept when a request fails', async () => {
  const { sales, rows, asked } = memorySales();
  const sale = { run: 'first', store: 'S1', product: 'P1', day: 0, cents: 5, soldOut: 0 };
  rows.push(...Array.from({ length: 3 * SLICE + 1 }, () => sale));
  let slices = 2;
  const summary = salesSummary({
    ...sales,
    async totals(run, question, after) {
      const added = await sales.totals(run, question, after);
      if (added.some(({ events }) => events > SLICE) || slices === 0)
        throw new Error('The query took too long.');
      slices -= 1;
      return added;
    },
  });
  await expect(summary('first', { by: 'store' })).rejects.toThrow('too long');
  expect(asked).toEqual([0, 0, SLICE, 2 * SLICE]);
  asked.length = 0;
  slices = 100;
  const same = () => summary('first', { by: 'store' });
  const expected = [{ group: 'S1', events: 3 * SLICE + 1 }];
  expect(await Promise.all([same(), same()])).toMatchObject([expected, expected]);
  expect(asked.slice(0, 2)).toEqual([2 * SLICE, 3 * SLICE]);
  expect(Math.min(...asked)).toBe(2 * SLICE);
  asked.length = 0;
  expect(await same()).toMatchObject(expected);
  expect(asked).toEqual([]);
});

test('a repeated summary reads only the rows stored since the previous one', async () => {
  const { sales, rows, asked } = memorySales();
  const summary = salesSummary(sales);
  const sale = { run: 'first', store: 'S1', product: 'P1', day: 0, cents: 5, soldOut: 0 };
  rows.push(sale, sale);
  await summary('first', { by: 'store' });
  await summary('first', { by: 'store' });
  rows.push(sale);
  await summary('first', { by: 'store' });
  expect(asked).toEqual([0, 2]);
});

test('a summary that selects sales reads nothing as long as no sale of the run is stored, selected or not', async () => {
  const { sales, rows, asked } = memorySales();
  const summary = salesSummary(sales);
  const sale = { run: 'first', store: 'S1', product: 'P1', day: 0, cents: 5, soldOut: 0 };
  const ofFirst = () => summary('first', { by: 'store', product_id: 'P1' });
  rows.push(sale, { ...sale, product: 'P2' }, { ...sale, run: 'second' });
  await ofFirst();
  await ofFirst();
  asked.length = 0;
  expect(await ofFirst()).toMatchObject([{ events: 1 }]);
  expect(asked).toEqual([]);
  rows.push(sale);
  expect(await ofFirst()).toMatchObject([{ events: 2 }]);
  expect(asked).toEqual([2]);
});

test('a summary up to an id includes nothing beyond it, and builds on what other requests have read', async () => {
  const { sales, rows, asked } = memorySales();
  const summary = salesSummary(sales);
  const sale = { run: 'first', store: 'S1', product: 'P1', day: 0, cents: 5, soldOut: 0 };
  rows.push(sale, sale, sale);
  await summary('first', { by: 'store', before_id: 2 });
  await summary('first', { by: 'store', before_id: 3 });
  expect(await summary('first', { by: 'store', before_id: 2 })).toMatchObject([{ events: 1 }]);
  expect(await summary('first', { by: 'store' })).toMatchObject([{ events: 3 }]);
  expect(asked).toEqual([0, 1, 2]);
});

test('the same groups are returned until another sale is stored, so that their answer need not be made again', async () => {
  const { sales, rows } = memorySales();
  const summarize = salesSummary(sales);
  const row = { run: 'first', store: 'S1', product: 'P1', day: 0, cents: 100, soldOut: null };
  rows.push(row);
  const first = await summarize('first', { by: 'store' });
  expect(await summarize('first', { by: 'store' })).toBe(first);
  rows.push(row);
  const second = await summarize('first', { by: 'store' });
  expect(second).not.toBe(first);
  expect(second).toMatchObject([{ events: 2 }]);
});

test('a run of millions of sales is summed in slices from the first query on', async () => {
  const { sales, rows } = memorySales();
  const sale = { run: 'first', store: 'S1', product: 'P1', day: 0, cents: 5, soldOut: 0 };
  rows.push(...Array.from({ length: 2 * SLICE }, () => sale));
  const slices: (number | undefined)[] = [];
  const summary = salesSummary({
    ...sales,
    totals: (run, question, after) => {
      slices.push(question.before_id);
      return sales.totals(run, question, after);
    },
  });
  const expected = [{ group: 'S1', events: 2 * SLICE }];
  expect(await summary('first', { by: 'store' }, 1_000_001)).toMatchObject(expected);
  expect(slices).toEqual([SLICE + 1, 2 * SLICE + 1]);
  slices.length = 0;
  expect(await summary('first', { by: 'store', day: 1 }, 1_000_001)).toMatchObject(expected);
  expect(await summary('first', { by: 'day_index' }, 1_000_000)).toMatchObject([{ events: 2 * SLICE }]);
  expect(slices).toEqual([undefined, undefined]);
});
