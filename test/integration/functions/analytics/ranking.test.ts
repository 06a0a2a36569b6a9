import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  DAY_TOTALS,
  type RankedBy,
  type RankingSource,
  rank,
  rankingDates,
  storedRanking,
  TREND,
} from '../../../../functions/analytics/ranking.ts';
import { LOADING_SESSION, runEtl } from '../../../../functions/etl/etl.ts';
import { type Pool, select } from '../../../../shared/mysql/connection.ts';
import { datasetLines, datasetOf, textOf } from '../../../support/datasets.ts';
import { freshDatabase, freshStore } from '../../../support/stores.ts';

/** Sums over the stores, and over the products, of the first {@link RANKED_DAYS}; `leaders` counts how often another one led than on the day before. */
interface Sums {
  readonly units: number;
  readonly netCents: number;
  readonly usualCents: number;
  readonly soldOut: number;
  readonly aboveUsual: number;
  readonly leaders: number;
}

/** Of the generated data set, worked out from its CSV by a program in another language. */
const WORKED_OUT: Readonly<Record<RankedBy, Sums>> = {
  store: {
    units: 826_724,
    netCents: 3_897_550_581,
    usualCents: 3_461_778_012,
    soldOut: 35,
    aboveUsual: 182,
    leaders: 16,
  },
  product: {
    units: 826_724,
    netCents: 3_897_550_581,
    usualCents: 3_461_778_199,
    soldOut: 35,
    aboveUsual: 846,
    leaders: 69,
  },
};
const DAYS = 731;
const RANKED_DAYS = 120;

let pool: Pool;
let ranking: RankingSource;
let dates: string[];

async function load(text: string): Promise<Pool> {
  const database = (await freshDatabase()).open({ session: LOADING_SESSION });
  const now = () => performance.now();
  const log = { info: () => {} };
  await runEtl({ pool: database, store: await freshStore(), log, now }, datasetOf(text));
  return database;
}

async function rankingOf(by: RankedBy, date: string, of = { ranking, dates }) {
  const needed = rankingDates(of.dates, date);
  const totals = await of.ranking.dayTotals(by, date, needed.usualOf, 100);
  const ids = totals.map(({ id }) => id);
  return rank(totals, await of.ranking.trend(by, needed.trend, ids), needed);
}

beforeAll(async () => {
  pool = await load(textOf(datasetLines(DAYS)));
  ranking = storedRanking(pool);
  dates = (await select<{ date: string }>(pool, 'SELECT date FROM calendar ORDER BY date')).map(
    ({ date }) => date,
  );
}, 60_000);
afterAll(() => pool.end());

it.each(['store', 'product'] as const)(
  'the rankings by %s of 120 days are those that can be worked out from the file',
  async (by) => {
    const byDay = [];
    for (const date of dates.slice(0, RANKED_DAYS)) byDay.push(await rankingOf(by, date));
    const all = byDay.flat();
    const cents = (amount: number | null) => Math.round((amount ?? 0) * 100);
    const leaders = byDay.map(([first]) => first?.id);
    expect(dates).toHaveLength(DAYS);
    expect({
      units: all.reduce((sum, { units }) => sum + units, 0),
      netCents: all.reduce((sum, { net_revenue }) => sum + cents(net_revenue), 0),
      usualCents: all.reduce((sum, { usual_net_revenue }) => sum + cents(usual_net_revenue), 0),
      soldOut: all.reduce((sum, { stock_outs }) => sum + (stock_outs ?? 0), 0),
      aboveUsual: all.filter(({ change_pct }) => (change_pct ?? 0) > 0).length,
      leaders: leaders.slice(1).filter((leader, index) => leader !== leaders[index]).length,
    }).toEqual(WORKED_OUT[by]);
    // Each trend ends with the day.
    for (const { trend, net_revenue } of all) expect(trend.at(-1)).toBe(net_revenue);
  },
  120_000,
);

it('the ranking of a day has its leaders, to the cent', async () => {
  const [first, second] = await rankingOf('store', '2023-02-14');
  expect(first).toMatchObject({
    ...{ id: 'S002', net_revenue: 55_925.79, units: 1_166 },
    ...{ usual_net_revenue: 48_428.42, change_pct: 15.5, stock_outs: 0 },
  });
  expect(first?.trend).toHaveLength(29);
  expect(second).toMatchObject({ id: 'S003', net_revenue: 50_007.56, units: 974, change_pct: 4.4 });
  expect((await rankingOf('product', '2022-01-15')).slice(0, 2)).toMatchObject([
    { id: 'P0017', net_revenue: 67_463.9, units: 1_159, usual_net_revenue: 85_721.22, change_pct: -21.3 },
    { id: 'P0003', net_revenue: 66_862.04, units: 1_208, usual_net_revenue: 81_035.91, change_pct: -17.5 },
  ]);
});

it('a store that sold nothing on a day is last in its ranking, and without stock levels nothing is said of them', async () => {
  const other = await load(
    [
      'Date,Store,Product,Units,Price',
      ...['2024-01-01', '2024-01-08'].flatMap((date) => [`${date},A,P,3,9.99`, `${date},B,P,1,9.99`]),
      '2024-01-15,A,P,4,9.99',
    ].join('\n'),
  );
  const of = { ranking: storedRanking(other), dates: ['2024-01-01', '2024-01-08', '2024-01-15'] };
  expect(await rankingOf('store', '2024-01-15', of)).toEqual([
    {
      ...{ id: 'A', net_revenue: 39.96, units: 4, usual_net_revenue: 29.97, change_pct: 33.3 },
      ...{ stock_outs: null, trend: [29.97, 29.97, 39.96] },
    },
    {
      ...{ id: 'B', net_revenue: 0, units: 0, usual_net_revenue: 9.99, change_pct: -100 },
      ...{ stock_outs: null, trend: [9.99, 9.99, 0] },
    },
  ]);
  await other.end();
});

it.each([
  ['the totals by store', DAY_TOTALS('store'), 5],
  ['the totals by product', DAY_TOTALS('product'), 5],
  ['the trends of stores', TREND('store'), 29],
  ['the trends of products', TREND('product'), 29],
])('%s are read from ranges of the clustered index', async (_, sql, days) => {
  const { usualOf, trend } = rankingDates(dates, '2023-02-14');
  const date = '2023-02-14';
  const values = days === 5 ? [date, date, date, date, [date, ...usualOf], 16] : [trend, ['S002', 'P0007']];
  const plan = await select<{ key: string; type: string; rows: number | string }>(
    pool,
    `EXPLAIN FORMAT=TRADITIONAL ${sql}`,
    values,
  );
  expect(plan).toHaveLength(1);
  expect(plan[0]).toMatchObject({ key: 'PRIMARY', type: 'range' });
  expect(Number(plan[0]?.rows)).toBeLessThan(days * 200);
});
