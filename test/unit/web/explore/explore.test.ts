import { describe, expect, test } from 'vitest';
import { systemDocument } from '../../../../shared/api/openapi/document.ts';
import { operations } from '../../../../shared/api/operations.ts';
import type { ForecastAnswer, PriceAnswer, PromotionAnswer } from '../../../../web/answers.ts';
import { bucketView } from '../../../../web/explore/bucket-chart.ts';
import { forecastRows, forecastView } from '../../../../web/explore/forecast-chart.ts';
import { createSearchLog } from '../../../../web/explore/optimize-tab.tsx';
import { soldNames } from '../../../../web/explore/panel.tsx';
import { isDiscountTooHigh, NO_PLAN, plannedDays } from '../../../../web/explore/plan-fields.tsx';
import { competitorFact } from '../../../../web/explore/price-tab.tsx';
import { promotionView } from '../../../../web/explore/promotion-chart.ts';
import { emptyText } from '../../../../web/explore/tab-frame.tsx';
import { bestSoFar, rankedTrials } from '../../../../web/explore/trials-chart.ts';
import { formatCount, formatDayMonth, formatDecimal } from '../../../../web/format.ts';
import { addToRun } from '../../../../web/state/run.ts';
import { emptyRun } from '../../../../web/state/state.ts';
import { addressOf, docsAddress } from '../../../../web/stream/api.ts';
import { storedSale } from '../../../support/live-world.ts';

describe('the chart of a forecast', () => {
  const answer: Pick<ForecastAnswer, 'history' | 'forecast'> = {
    history: [
      { date: '2022-01-29', units_sold: 5 },
      { date: '2022-01-30', units_sold: 7 },
    ],
    forecast: [
      {
        day: 1,
        date: '2022-01-31',
        forecast_units: 6,
        intervals: [
          { level: 80, lower: 4, upper: 8 },
          { level: 95, lower: 2, upper: 10 },
        ],
        offer: null,
      },
    ],
  };

  test('the forecast line starts at the last known day, with the widest band at the back', () => {
    expect(forecastView(answer, 6.5)).toEqual({
      dates: ['2022-01-29', '2022-01-30', '2022-01-31'],
      known: 2,
      sold: [5, 7, null],
      path: [null, 7, 6],
      average: [null, null, 6.5],
      bands: [
        { level: 95, lower: [null, 7, 2], upper: [null, 7, 10] },
        { level: 80, lower: [null, 7, 4], upper: [null, 7, 8] },
      ],
    });
  });

  test('the saved rows of a forecast have dates and intervals, and the last known day only what was sold', () => {
    expect(forecastRows(forecastView(answer, 6.5))).toEqual([
      [
        'Date',
        'Sold',
        'Forecast',
        ...['Lower 80 %', 'Upper 80 %', 'Lower 95 %', 'Upper 95 %'],
        'Moving average',
      ],
      ['2022-01-29', 5, null, null, null, null, null, null],
      ['2022-01-30', 7, null, null, null, null, null, null],
      ['2022-01-31', null, 6, 4, 8, 2, 10, 6.5],
    ]);
  });

  test('without history, the forecast chart still has one value a day', () => {
    const view = forecastView({ ...answer, history: [] }, 1);
    expect([view.dates, view.sold, view.path, view.average].map(({ length }) => length)).toEqual([
      1, 1, 1, 1,
    ]);
  });
});

describe('the chart of demand by price', () => {
  const answer = {
    price_buckets: [{ price_point: 10, avg_units_sold: 3.5, records: 4 }],
    price_range: { min: 10, max: 40, mean: 20 },
    log_log_regression: {
      elasticity: -1,
      intercept: Math.log(8_000),
      standard_error: 0,
      interval_95: null,
      p_value: null,
      r_squared: 1,
      records: 4,
      excluded_records: 0,
    },
  } satisfies Partial<PriceAnswer>;

  test('the price chart has the regression line over the range of the prices', () => {
    const { line, buckets } = bucketView(answer);
    expect(buckets).toEqual([{ x: 10, y: 3.5, records: 4 }]);
    expect(line[0]?.x).toBe(10);
    expect(line[0]?.y).toBeCloseTo(800, 9);
    expect(line.at(-1)?.x).toBe(40);
    expect(line.at(-1)?.y).toBeCloseTo(200, 9);
  });

  test('the price chart has no line without a regression', () => {
    expect(bucketView({ ...answer, log_log_regression: null }).line).toEqual([]);
  });
});

describe('the chart of discounts', () => {
  const answer = (asked: number, discounts: number[]) =>
    promotionView({
      discount_effect_by_tier: discounts.map((discount_pct) => ({ discount_pct, avg_units_sold: 1 })),
      tier_sizes: [{ discount_pct: 0, records: 9 }],
      simulated_discount_pct: asked,
    } satisfies Partial<PromotionAnswer>);

  test.each([
    [12, 2],
    [13, 3],
    // Of two equally near tiers the API takes the first.
    [12.5, 2],
    [50, 3],
    [0, 0],
  ])('for a discount of %s %%, the chart marks the tier that the projection comes from', (asked, nearest) => {
    expect(answer(asked, [0, 5, 10, 15]).nearest).toBe(nearest);
  });

  test('the discount chart marks no tier if no discount was ever given', () => {
    expect(answer(10, [0]).nearest).toBe(-1);
    expect(answer(10, [0]).tiers).toEqual([{ discount: 0, units: 1, records: 9 }]);
  });
});

describe('the trials of a search', () => {
  const trial = (number: number, rmse: number) => ({
    trial: number,
    rmse,
    window: 3,
    min_periods: 1,
    trend_window: 5,
  });

  test('trials are ranked by their error, ties in the order in which they were made', () => {
    const ranks = rankedTrials([trial(1, 4), trial(2, 2), trial(3, 4), trial(4, 1)]).map(({ rank }) => rank);
    expect(ranks).toEqual([3, 2, 4, 1]);
  });

  test('the best error so far never rises from trial to trial', () => {
    expect(bestSoFar([trial(1, 4), trial(2, 2), trial(3, 3)])).toEqual([4, 2, 2]);
  });
});

describe('the search of a store and product', () => {
  const question = (product_id: string, day: number) => ({ store_id: 'S1', product_id, day });

  test('a search is still shown when the person returns to its store and product', () => {
    const log = createSearchLog<string>();
    log.add(question('P1', 30), 'first');
    log.add(question('P2', 31), 'other');
    log.add(question('P1', 32), 'newest');
    expect(log.newest(question('P1', 40))).toBe('newest');
    expect(log.newest(question('P2', 31))).toBe('other');
    expect(log.newest(question('P3', 40))).toBeNull();
    expect(log.newest(question('P2', 25))).toBe('other');
    expect(createSearchLog().newest(question('P1', 40))).toBeNull();
  });
});

describe('a tab without enough history', () => {
  const needs = { days: 20, shows: 'a forecast' };

  test.each([
    [null, 'Play 20 days to see a forecast. It needs 20 days of history.'],
    [{ day: 3, totalDays: 731 }, 'Play 17 more days to see a forecast. It needs 20 days of history.'],
    [{ day: 19, totalDays: 20 }, 'Press Next day to see a forecast. It needs 20 days of history.'],
    [{ day: 20, totalDays: 20 }, 'Loading stores and products …'],
    [{ day: 1, totalDays: 1 }, 'This needs 20 days of history, and the calendar has 1 day.'],
  ])('an empty tab says what will fill it, and when', (scope, text) => {
    expect(emptyText({ needs }, scope)).toBe(text);
  });
});

describe('an operation of the API', () => {
  test('an operation links to its place in the documentation', async () => {
    const { paths } = await systemDocument();
    const { method, path, tag, operationId } = operations.forecastDemand;
    expect(paths[path]?.[method === 'GET' ? 'get' : 'post']).toMatchObject({ operationId, tags: [tag] });
    expect(docsAddress({ tag, operationId })).toBe(`/docs#/${tag}/${operationId}`);
  });

  test('the parameters of an operation are URL-encoded', () => {
    expect(addressOf(operations.readPriceSensitivity, { product_id: 'P&1', day: 3 })).toBe(
      '/price/sensitivity?product_id=P%261&day=3',
    );
  });
});

test('a number has a true minus sign, and a missing number is a dash', () => {
  expect(formatDecimal(-1_234.5, 2)).toBe('−1,234.50');
  expect(formatDecimal(null, 2)).toBe('–');
  expect(formatDayMonth('2023-02-04')).toBe('4 Feb');
});

describe('stores and products', () => {
  test.each([
    ['are not offered before the first day', [], true, []],
    ['are not offered while the first day is incomplete', [[0, 2]], true, []],
    ['are offered once the first day is complete', [[0, 1]], true, ['S001']],
    [
      'are offered while a later day is incomplete',
      [
        [0, 1],
        [1, 2],
      ],
      true,
      ['S001'],
    ],
    ['are not offered until what was sold before is known', [[0, 1]], false, []],
  ])('stores and products %s', (_, days, hasHistory, offered) => {
    const sales = days.map(([day_index = 0, day_total = 0], index) =>
      storedSale({ id: index + 1, day_index, day_total, store_id: 'S001' }),
    );
    const run = { ...addToRun(emptyRun, sales, 0), hasHistory };
    expect(soldNames(run, ({ stores }) => stores)).toEqual(offered);
  });
});

describe('our price against the competitor’s', () => {
  const gap = { mean_gap: 1, records: 10, cheaper_share: 0.25 };
  test.each([
    [4.21, '4.2 % above theirs'],
    [-4.21, '4.2 % below theirs'],
    [0.04, 'the same on average'],
  ])('a mean difference of %s %% says whose price is higher', (mean_gap_pct, value) => {
    expect(competitorFact({ ...gap, mean_gap_pct })).toMatchObject({
      value,
      note: 'We were cheaper than the competitor in 25 % of sales.',
    });
  });
});

test('a plan keeps a discount of nothing, and one above the API’s limit is not cut but left out', () => {
  const offer = { net_price: 8, promotion: true, planned: false };
  const ahead = [{ day: 1, date: '2022-01-31', forecast_units: 6, intervals: [], offer }];
  const planned = (discount: number) => plannedDays({ ...NO_PLAN, discount }, ahead);
  expect(planned(0)).toEqual([{ date: '2022-01-31', price: 8, discount: 0, promotion: true }]);
  expect(planned(99)).toHaveLength(1);
  expect(planned(150)).toEqual([]);
  expect([99, 150].map((discount) => isDiscountTooHigh({ ...NO_PLAN, discount }))).toEqual([false, true]);
});

test('one is counted in the singular, and none and many in the plural', () => {
  expect([0, 1, 1_200].map((count) => formatCount(count, 'sale'))).toEqual([
    '0 sales',
    '1 sale',
    '1,200 sales',
  ]);
});
