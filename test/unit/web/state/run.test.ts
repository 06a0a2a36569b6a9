import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SummaryRow } from '../../../../web/answers.ts';
import { addHistory, addToRun, type History, historyBefore, openRun } from '../../../../web/state/run.ts';
import { emptyRun, type Run } from '../../../../web/state/state.ts';
import { readHistory } from '../../../../web/stream/history.ts';
import { storedSale } from '../../../support/live-world.ts';

type Sale = ReturnType<typeof storedSale>;

/** What a customer paid for a sale, in integer arithmetic: rounded half up to hundredths. */
function paid({ units_sold, price, discount }: Sale): number {
  const list = BigInt(Math.round(price * 100)) * BigInt(units_sold);
  return Number((list * BigInt(10_000 - (discount ?? 0) * 100) + 5_000n) / 10_000n) / 100;
}

/** Answers `GET /sales/summary` from a list of sales, as the API would. */
function summaryOf(stored: readonly Sale[]) {
  const fields: Record<string, (sale: Sale) => string | null> = {
    day_index: ({ day_index }) => String(day_index),
    day: ({ date }) => date,
    store: ({ store_id }) => store_id,
    product: ({ product_id }) => product_id,
    category: ({ category }) => category,
    region: ({ region }) => region,
  };
  return async (question: string): Promise<SummaryRow[]> => {
    const query = new URLSearchParams(question);
    const labels = ['by', 'then_by'].map((name) => fields[query.get(name) ?? '']);
    const asked = stored.filter(({ id }) => id < Number(query.get('before_id')));
    const groups = Map.groupBy(asked, (sale) => labels.map((label) => label?.(sale)).join('/'));
    return [...groups].map(([key, sales]) => {
      const sum = (value: (sale: Sale) => number) => sales.reduce((total, sale) => total + value(sale), 0);
      return {
        group: key.split('/')[0] ?? '',
        subgroup: key.split('/')[1] || null,
        units: sum(({ units_sold }) => units_sold),
        revenue: sum(({ units_sold, price }) => units_sold * price),
        net_revenue: sum(paid),
        discount_given: sum((sale) => sale.units_sold * sale.price - paid(sale)),
        events: sales.length,
        promo_share: sum(({ is_holiday_promo }) => Number(is_holiday_promo)) / sales.length,
        row_promo_share: null,
        stock_outs: null,
        lost_units: null,
      };
    });
  };
}

const sales = fc
  .array(
    fc.record({
      day_index: fc.integer({ min: 0, max: 4 }),
      store_id: fc.constantFrom('S1', 'S2', 'S3'),
      product_id: fc.constantFrom('P1', 'P2'),
      category: fc.constantFrom('Toys', 'Food'),
      region: fc.constantFrom('North', 'South'),
      units_sold: fc.integer({ min: 0, max: 500 }),
      price: fc.integer({ min: 1, max: 9_999 }).map((cents) => cents / 100),
      discount: fc.constantFrom(0, 5, 12.5, 20),
      is_holiday_promo: fc.constantFrom<0 | 1>(0, 1),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((fields) =>
    fields.map((each, index) =>
      storedSale({ ...each, id: index + 1, day_total: 1, date: `2022-01-0${each.day_index + 1}` }),
    ),
  );

/** The days without the fields that depend on when their sales arrived. */
const daysOf = ({ days }: Run) =>
  [...days.values()]
    .map(({ total, completeAt, ...day }) => day)
    .toSorted((one, other) => one.dayIndex - other.dayIndex);
const sorted = ({ breakdown }: Run) =>
  Object.values(breakdown).map((sums) => [...sums].toSorted(([a], [b]) => a.localeCompare(b)));

describe('a page opened in the middle of a run', () => {
  test('a page opened in the middle of a run has the same sums as one that was open from the start', async () => {
    await fc.assert(
      fc.asyncProperty(sales, fc.nat(), fc.boolean(), async (all, anywhere, isHistoryFirst) => {
        const opened = anywhere % all.length;
        const streamed = all.slice(opened);
        const [first, ...rest] = streamed.map((sale) => [sale]);
        let run = addToRun(emptyRun, first ?? [], 0);
        const history = await readHistory(summaryOf(all), run.firstId ?? 0);
        if (isHistoryFirst) run = addHistory(run, history);
        for (const each of rest) run = addToRun(run, each, 0);
        run = addHistory(run, history);

        const whole = addToRun(emptyRun, all, 0);
        expect(daysOf(run)).toEqual(daysOf(whole));
        expect(sorted(run)).toEqual(sorted(whole));
      }),
      { numRuns: 60 },
    );
  });

  test('a page opened in a backlog has the same sums, whatever earlier days its stream left out or resumed with', async () => {
    await fc.assert(
      fc.asyncProperty(sales, fc.nat(), fc.nat(), fc.boolean(), async (all, at, cut, isHistoryFirst) => {
        // The stream opens after some sales with those of the newest day, and may break and resume within them.
        const before_id = (at % all.length) + 1;
        const day_index = Math.max(...all.map((sale) => sale.day_index));
        const opened = all.filter((sale) => sale.id < before_id && sale.day_index >= day_index);
        const received = opened.slice(0, cut % (opened.length + 1));
        const lastId =
          received.length < opened.length ? (received.at(-1)?.id ?? before_id - 1) : before_id - 1;
        const isCut = received.length > 0 && received.length < opened.length;
        const streamed = isCut
          ? [...received, ...all.filter(({ id }) => id > lastId)]
          : [...opened, ...all.filter(({ id }) => id >= before_id)];
        let run = openRun(emptyRun, { day_index, before_id });
        const history = await readHistory(summaryOf(all), historyBefore(run) ?? 0);
        if (isHistoryFirst) run = addHistory(run, history);
        for (const each of streamed) run = addToRun(run, [each], 0);
        run = addHistory(run, history);

        const whole = addToRun(emptyRun, all, 0);
        expect(daysOf(run)).toEqual(daysOf(whole));
        expect(sorted(run)).toEqual(sorted(whole));
      }),
      { numRuns: 100 },
    );
  });

  test('an opening that comes after the first sale changes nothing', () => {
    const run = addToRun(emptyRun, [storedSale({ id: 8 })], 0);
    expect(openRun(run, { day_index: 3, before_id: 20 })).toBe(run);
  });

  test('the history of another run is ignored', () => {
    const history: History = { beforeId: 7, days: [], breakdown: emptyRun.breakdown };
    const run = addToRun(emptyRun, [storedSale({ id: 8 })], 0);
    expect(addHistory(run, history)).toBe(run);
  });
});

describe('the sums of stores and products by day', () => {
  test('sums by store and product are kept only for the two newest days, so that memory is bounded', () => {
    const run = Array.from({ length: 50 }, (_, day) => storedSale({ id: day + 1, day_index: day })).reduce(
      (before, sale) => addToRun(before, [sale], 0),
      emptyRun,
    );
    expect([...run.newestDays.keys()]).toEqual([48, 49]);
    expect(run.days.size).toBe(50);
    expect(run.breakdown.stores.get('S001')?.units).toBe(50 * 127);
  });
});
