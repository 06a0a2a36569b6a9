import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logLogRegression } from '../../../../shared/analytics/log-log-regression.ts';
import {
  elasticitySteps,
  elasticityWarning,
  priceBuckets,
} from '../../../../shared/analytics/price-buckets.ts';
import { priceSensitivity } from '../../../../shared/analytics/price-sensitivity.ts';
import { type ProductSale, salesUpTo } from '../../../../shared/analytics/product-sale.ts';
import { promotionEffect } from '../../../../shared/analytics/promotion-effect.ts';
import { promotionHistory, simulatePromotion } from '../../../../shared/analytics/promotion-simulation.ts';
import { goldenHistory } from '../../../support/golden-history.ts';

const history = goldenHistory();

async function sales(productId: string, date: string | null): Promise<readonly ProductSale[]> {
  return salesUpTo((await history.product(productId)).sales, date);
}

function sale(parts: Partial<ProductSale>): ProductSale {
  return {
    date: '2022-01-01',
    storeId: 'S001',
    units: 10,
    price: 20,
    discount: 0,
    competitorPrice: 20,
    isPromotion: false,
    isPromoted: false,
    weather: 'Sunny',
    inventory: 500,
    ordered: 0,
    ...parts,
  };
}

const anySale = fc.record({
  date: fc.constantFrom('2022-01-01', '2022-01-02', '2022-01-03'),
  storeId: fc.constantFrom('S001', 'S002'),
  units: fc.oneof(fc.constant(0), fc.nat(500), fc.constant(2_147_483_647)),
  price: fc.oneof(
    fc.constant(0),
    fc.integer({ min: 1, max: 12_000 }).map((cents) => cents / 100),
    fc.constant(99_999_999.99),
  ),
  discount: fc.constantFrom(0, 5, 12.5, 20, 100),
  competitorPrice: fc.oneof(fc.constant(0), fc.constant(33.33)),
  isPromotion: fc.boolean(),
  isPromoted: fc.boolean(),
  weather: fc.constantFrom('Sunny', 'Rainy'),
  inventory: fc.nat(500),
  ordered: fc.nat(200),
});

/** Every number of an answer, wherever it stands. */
function numbersOf(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersOf) : [];
}

describe('the log-log regression', () => {
  // statsmodels 0.14, OLS of ln(units) on ln(price), on the recorded data set.
  it.each([
    {
      product: 'P0001',
      date: null,
      elasticity: -0.09935976256258504,
      standardError: 0.03120384259547475,
      low: -0.16053853552230035,
      high: -0.03818098960286973,
      pValue: 0.001463727682152032,
      rSquared: 0.0027808123577321986,
      records: 3638,
      excluded: 17,
    },
    {
      product: 'P0004',
      date: '2022-01-05',
      elasticity: -0.17330190787800825,
      standardError: 0.4490639559817448,
      low: -1.1046035519549875,
      high: 0.7579997361989711,
      pValue: 0.7032640473542382,
      rSquared: 0.006724151453878613,
      records: 24,
      excluded: 1,
    },
  ])(
    'the log-log regression agrees with statsmodels on $product up to $date',
    async ({ product, date, ...expected }) => {
      const fit = logLogRegression(await sales(product, date));
      expect(fit).toMatchObject({ records: expected.records, excluded: expected.excluded });
      expect(fit?.elasticity).toBeCloseTo(expected.elasticity, 10);
      expect(fit?.standardError).toBeCloseTo(expected.standardError, 10);
      expect(fit?.rSquared).toBeCloseTo(expected.rSquared, 10);
      expect(fit?.test?.interval95.low).toBeCloseTo(expected.low, 6);
      expect(fit?.test?.interval95.high).toBeCloseTo(expected.high, 6);
      expect(fit?.test?.pValue).toBeCloseTo(expected.pValue, 6);
    },
  );

  it('the log-log regression finds the elasticity that sales were made with', () => {
    const exact = [10, 20, 40, 80].map((price) => sale({ price, units: 8_000 / price ** 1 }));
    expect(logLogRegression(exact)?.elasticity).toBeCloseTo(-1, 12);
    expect(logLogRegression(exact)?.intercept).toBeCloseTo(Math.log(8_000), 12);
    expect(logLogRegression(exact)?.rSquared).toBeCloseTo(1, 12);
  });

  it('the log-log regression has no value with too few sales or one price', () => {
    expect(logLogRegression([sale({}), sale({ price: 30 })])).toBeNull();
    expect(logLogRegression([sale({}), sale({ units: 5 }), sale({ units: 7 })])).toBeNull();
  });

  it('the log-log regression has no test where units never vary', () => {
    const flat = [10, 20, 30].map((price) => sale({ price }));
    expect(logLogRegression(flat)).toMatchObject({ elasticity: 0, rSquared: null, test: null });
  });
});

describe('the uplift test', () => {
  it('the uplift test agrees with scipy’s ttest_ind(equal_var=False)', async () => {
    expect(promotionEffect(await sales('P0001', null)).test).toEqual({
      difference_units: -5.87,
      difference_interval_95: { low: -12.92, high: 1.17 },
      uplift_pct_interval_95: { low: -9.2, high: 0.8 },
      t_statistic: -1.6352,
      degrees_of_freedom: 3651.7,
      p_value: 0.1021,
      differs_from_zero: false,
    });
  });

  it('the uplift test detects a difference that chance does not explain', () => {
    const lots = Array.from({ length: 40 }, (_, i) => [
      sale({ units: 100 + (i % 5), isPromotion: false }),
      sale({ units: 130 + (i % 7), isPromotion: true }),
    ]).flat();
    expect(promotionEffect(lots).test).toMatchObject({ differs_from_zero: true });
  });

  it('the uplift test has no value without two sales of each kind', () => {
    expect(promotionEffect([sale({}), sale({ isPromotion: true, units: 3 })]).test).toBeNull();
  });
});

describe('the legacy elasticity', () => {
  it('the legacy elasticity carries a warning where noise dominates it', async () => {
    const analysis = priceSensitivity(await sales('P0001', null));
    expect(analysis?.elasticity_warning).toMatch(/Prefer regression\.$/);
  });

  it('the legacy elasticity carries no warning where buckets follow the price', () => {
    const smooth = Array.from({ length: 60 }, (_, i) =>
      sale({ price: 20 + i, units: 6_000 - 40 * i - (i % 3) }),
    );
    const steps = elasticitySteps(priceBuckets(smooth));
    const fitted = logLogRegression(smooth);
    expect(elasticityWarning(priceBuckets(smooth), steps, fitted && { ...fitted, test: null })).toBeNull();
  });

  it('the legacy elasticity has no value after a bucket that sold nothing', () => {
    const analysis = priceSensitivity([
      sale({ price: 10, units: 0 }),
      sale({ price: 12 }),
      sale({ price: 14 }),
    ]);
    expect(analysis).toMatchObject({
      elasticity: null,
      interpretation: 'Insufficient price variation to determine elasticity.',
    });
    expect(analysis?.elasticity_warning).toMatch(/sold nothing/);
  });

  it('the legacy elasticity keeps its value if only the last bucket sold nothing', () => {
    const analysis = priceSensitivity([sale({ price: 10 }), sale({ price: 20, units: 0 })]);
    expect(analysis).toMatchObject({ elasticity: -1, interpretation: expect.stringMatching(/^Inelastic/) });
  });

  it('the legacy elasticity is 0 with one bucket, and the correlation has no value', () => {
    const analysis = priceSensitivity([sale({ price: 33.33 }), sale({ price: 33.33, units: 4 })]);
    expect(analysis).toMatchObject({ elasticity: 0, correlation: null });
  });
});

describe('buckets', () => {
  it('price buckets round half to even, as pandas does', () => {
    const prices = [10.5, 11.5, 12.49, 12.5].map((price) => sale({ price }));
    expect(priceBuckets(prices)).toMatchObject([
      { price: 10, records: 1 },
      { price: 12, records: 3 },
    ]);
  });
});

describe('a simulated promotion', () => {
  it('a simulated promotion takes the lower of two equally near tiers', () => {
    const past = promotionHistory([sale({ discount: 10, units: 1 }), sale({ discount: 15, units: 2 })]);
    expect(past && simulatePromotion(past, 12.5).projected_units).toBe(1);
  });

  it('a simulated promotion falls back on the historical uplift where no discount was ever given', () => {
    const past = promotionHistory([sale({ units: 100 }), sale({ units: 150, isPromotion: true })]);
    // 100 × (1 + 50 % × 20 / 10)
    expect(past && simulatePromotion(past, 20)).toMatchObject({
      projected_units: 200,
      projected_uplift_pct: 100,
    });
  });

  it('a simulated promotion writes numbers in its sentence as Python does', () => {
    const past = promotionHistory([sale({ units: 100 }), sale({ units: 103, discount: 5 })]);
    expect(past && simulatePromotion(past, 0.00001).recommendation).toBe(
      'A 1e-05% discount is projected to increase daily sales from 101.5 to 100.0 units (-1.5% uplift).',
    );
  });

  it('a simulated promotion has no uplift without a baseline', () => {
    const past = promotionHistory([sale({ isPromotion: true }), sale({ isPromotion: true, units: 3 })]);
    expect(past && simulatePromotion(past, 20)).toMatchObject({
      historical_uplift_pct: 0,
      uplift_test: null,
    });
  });
});

describe('whatever was sold', () => {
  it('analyses of any sales contain finite numbers alone', () => {
    fc.assert(
      fc.property(
        fc.array(anySale, { minLength: 1, maxLength: 40 }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (rows, discount) => {
          const past = promotionHistory(rows);
          const answers = [priceSensitivity(rows), past && simulatePromotion(past, discount)];
          expect(numbersOf(answers).filter((number) => !Number.isFinite(number))).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });
});
