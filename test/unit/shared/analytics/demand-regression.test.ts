import { describe, expect, it } from 'vitest';
import { products } from '../../../../data/generator/catalogue.ts';
import {
  demandRegression,
  priceVerdict,
  promotionPercent,
  promotionVerdict,
} from '../../../../shared/analytics/demand-regression.ts';
import { priceSensitivity } from '../../../../shared/analytics/price-sensitivity.ts';
import { type ProductSale, salesUpTo } from '../../../../shared/analytics/product-sale.ts';
import { promotionHistory, simulatePromotion } from '../../../../shared/analytics/promotion-simulation.ts';
import { generatedSales } from '../../../support/generated-sales.ts';
import { goldenHistory } from '../../../support/golden-history.ts';

const history = goldenHistory();

/** Three months of a store with known effects and no noise but rounding to four digits. */
function knownSales(elasticity: number, { weather = true } = {}): ProductSale[] {
  return Array.from({ length: 360 }, (_, index) => {
    const day = Math.floor(index / 2);
    const price = 20 + ((index * 7919) % 13);
    const discount = 5 * ((index * 31) % 4);
    const isPromoted = index % 11 === 0;
    const isRainy = weather && day % 3 === 0;
    const net = price * (1 - discount / 100);
    const date = new Date(Date.UTC(2022, 0, 1 + day)).toISOString().slice(0, 10);
    const level = 1000 * Number(date.slice(5, 7)) * (index % 2 === 0 ? 1 : 2) * (1 + (day % 7) / 10);
    const noise = Math.exp(0.01 * Math.sin(index * 12.9898));
    return {
      date,
      storeId: index % 2 === 0 ? 'S001' : 'S002',
      units: level * net ** elasticity * (isPromoted ? 1.3 : 1) * (isRainy ? 0.8 : 1) * noise,
      price,
      discount,
      competitorPrice: 0,
      isPromotion: false,
      isPromoted,
      weather: isRainy ? 'Rainy' : 'Sunny',
      inventory: 1e9,
      ordered: 0,
    };
  });
}

describe('demandRegression', () => {
  it('the demand regression finds the effects that sales were made with, other things equal', () => {
    const fit = demandRegression(knownSales(-1.4));
    expect(fit.elasticity?.estimate).toBeCloseTo(-1.4, 2);
    expect(fit.promotion?.estimate).toBeCloseTo(Math.log(1.3), 2);
    expect(fit).toMatchObject({ records: 360, clusters: 12 });
    expect(promotionPercent(fit)?.estimate).toBeCloseTo(30, 0);
  });

  it('sold-out sales tell the regression nothing, however few were sold', () => {
    const sales = knownSales(-1.4).map((sale, index) => {
      return index % 9 === 0 ? { ...sale, units: 3, inventory: 3 } : sale;
    });
    const fit = demandRegression(sales);
    expect(fit.records).toBe(320);
    expect(fit.elasticity?.estimate).toBeCloseTo(-1.4, 2);
  });

  // statsmodels 0.15: OLS with indicator columns for every effect, and again without each cluster for the errors.
  it.each([
    {
      product: 'P0001',
      date: '2022-03-31',
      records: 448,
      clusters: 15,
      elasticity: [-0.0851250585280641, 0.08004399358154295, -0.2568023504095356, 0.08655223335340737],
      pValue: 0.3055652201151713,
      promotion: [0.2001226932193872, 0.09829837884091926],
    },
    {
      product: 'P0004',
      date: '2022-06-30',
      records: 901,
      clusters: 30,
      elasticity: [-0.007897617667886998, 0.06907259923299246, -0.14916694507835576, 0.13337170974258178],
      pValue: 0.9097578761186063,
      promotion: [-0.003112712926381813, 0.07860802196331845],
    },
  ])('the demand regression agrees with statsmodels on $product up to $date', async (golden) => {
    const { sales } = await history.product(golden.product);
    const fit = demandRegression(salesUpTo(sales, golden.date));
    const { elasticity, promotion } = fit;
    expect(fit).toMatchObject({ records: golden.records, clusters: golden.clusters });
    const { low, high } = elasticity?.test.interval95 ?? {};
    [elasticity?.estimate, elasticity?.standardError, low, high].forEach((value, index) => {
      expect(value).toBeCloseTo(Number(golden.elasticity[index]), 7);
    });
    expect(elasticity?.test.pValue).toBeCloseTo(golden.pValue, 7);
    expect(promotion?.estimate).toBeCloseTo(Number(golden.promotion[0]), 9);
    expect(promotion?.standardError).toBeCloseTo(Number(golden.promotion[1]), 9);
  });

  it('the intervals of the demand regression hold the generator’s elasticity and uplift', () => {
    const sales = generatedSales(77);
    const held = products(77).map(({ id, elasticity, promotionUplift }) => {
      const fit = demandRegression(salesUpTo(sales.get(id) ?? [], '2022-12-31'));
      const [price, promotion] = [fit.elasticity?.test.interval95, fit.promotion?.test.interval95];
      return [
        price && price.low <= elasticity && elasticity <= price.high,
        promotion && promotion.low <= promotionUplift && promotionUplift <= promotion.high,
      ];
    });
    // 38 of 40 on average; fewer than 34 by chance alone once in a hundred seeds.
    expect(held.flat().filter(Boolean).length).toBeGreaterThanOrEqual(34);
  });

  it('an effect that never varies, or that the controls explain, has no value', () => {
    const sales = knownSales(-1);
    expect(demandRegression(sales.map((sale) => ({ ...sale, isPromoted: false }))).promotion).toBeNull();
    expect(
      demandRegression(sales.map((sale) => ({ ...sale, price: 20, discount: 0 }))).elasticity,
    ).toBeNull();
    const byWeather = sales.map((sale) => ({ ...sale, isPromoted: sale.weather === 'Rainy' }));
    expect(demandRegression(byWeather).promotion).toBeNull();
    expect(demandRegression([])).toEqual({ elasticity: null, promotion: null, records: 0, clusters: 0 });
    expect(demandRegression(sales.slice(0, 20)).elasticity).toBeNull();
  });

  it('sales without units or without a net price are left out', () => {
    const [first, second, ...others] = knownSales(-1);
    const odd = [first, second].flatMap((sale, index) =>
      sale ? [{ ...sale, units: index, discount: 100 * index }] : [],
    );
    expect(demandRegression([...odd, ...others]).records).toBe(358);
  });
});

describe('priceVerdict', () => {
  const verdictOf = (low: number, high: number) =>
    priceVerdict({
      elasticity: {
        estimate: (low + high) / 2,
        standardError: 1,
        test: { tStatistic: 1, degreesOfFreedom: 9, pValue: 0.1, interval95: { low, high } },
      },
      promotion: null,
      records: 9,
      clusters: 9,
    });

  it.each([
    [-1.5, -1.1, 'Demand falls by about 1.3 % for each per cent of price; a cut pays in revenue.'],
    [-0.8, -0.4, 'Demand falls by about 0.6 % for each per cent of price; a cut doesn’t pay in revenue.'],
    [
      -1.4,
      -0.6,
      'Demand falls by about 1.0 % for each per cent of price; can’t tell yet whether a cut pays in revenue.',
    ],
    [-0.4, 0.6, 'Can’t tell yet whether the price changes demand.'],
    [0.2, 0.6, 'Demand rises by about 0.4 % for each per cent of price; look for what else changed with it.'],
  ])('the verdict of an interval from %f to %f is one plain sentence', (low, high, sentence) => {
    expect(verdictOf(low, high)).toBe(sentence);
  });

  it('the verdict says so where the data can’t tell', () => {
    expect(priceVerdict(demandRegression([]))).toMatch(/^Can’t tell yet/);
  });
});

describe('promotionVerdict', () => {
  const verdictOf = (low: number, high: number) =>
    promotionVerdict({
      elasticity: null,
      promotion: {
        estimate: (low + high) / 2,
        standardError: 1,
        test: { tStatistic: 1, degreesOfFreedom: 9, pValue: 0.1, interval95: { low, high } },
      },
      records: 9,
      clusters: 9,
    });

  it.each([
    [0.2, 0.3, 'A promotion raises demand by about 28 % at the same price.'],
    [-0.1, 0.1, 'Can’t tell yet whether a promotion changes demand.'],
    [
      -0.3,
      -0.1,
      'A promotion lowers demand by about 18 % at the same price; look for what else changed with it.',
    ],
  ])('the verdict of a change of ln units from %f to %f is one plain sentence', (low, high, sentence) => {
    expect(verdictOf(low, high)).toBe(sentence);
  });
});

describe('verdicts of too few data', () => {
  const [first, ...others] = knownSales(-1);
  const shared = { elasticity: null, promotion: null };

  it('verdicts name what is missing: sales, months and stores, or variation', () => {
    for (const verdict of [priceVerdict, promotionVerdict]) {
      expect(verdict(demandRegression([]))).toBe(
        'Can’t tell yet: there is no sale at a known price that left stock on the shelf.',
      );
      expect(verdict(demandRegression(first ? [first] : []))).toBe(
        'Can’t tell yet: there are sales of too few months and stores.',
      );
    }
    expect(priceVerdict({ ...shared, records: others.length, clusters: 9 })).toMatch(/varied too little/);
    expect(promotionVerdict({ ...shared, records: others.length, clusters: 9 })).toMatch(/varied too little/);
  });

  it('a promotion that was never seen can’t be judged, and its test isn’t recommended', () => {
    const plain = knownSales(-1).map((sale) => ({ ...sale, isPromoted: false }));
    const past = promotionHistory(plain);
    const answer = past && simulatePromotion(past, 10);
    expect(answer?.promotion_effect).toBeNull();
    expect(answer?.promotion_verdict).toMatch(/^Can’t tell yet/);
    expect(answer?.warning ?? '').not.toMatch(/prefer promotion_effect/);
  });
});

describe('a simulated promotion beside the legacy figures', () => {
  it('an answer compares the discount with no discount, in units and in net revenue', () => {
    const past = promotionHistory(knownSales(-2, { weather: false }));
    const answer = past && simulatePromotion(past, 10);
    const tiers = answer?.discount_effect_by_tier ?? [];
    const units = (discount: number) =>
      Number(tiers.find(({ discount_pct }) => discount_pct === discount)?.avg_units_sold);
    expect(answer?.uplift_vs_no_discount_pct).toBeCloseTo(100 * (units(10) / units(0) - 1), 1);
    expect(simulatePromotion(past ?? fail(), 0).uplift_vs_no_discount_pct).toBe(0);
    expect(Number(answer?.projected_net_revenue) / Number(answer?.baseline_net_revenue)).toBeCloseTo(
      (0.9 * units(10)) / units(0),
      3,
    );
    expect(answer?.promotion_effect?.uplift_pct).toBeCloseTo(30, -0.5);
    expect(answer?.warning).toMatch(/prefer uplift_vs_no_discount_pct/);
  });

  it('an answer without discounts and promotions projects nothing in its sentence', () => {
    const plain = knownSales(-1).map((sale) => ({ ...sale, discount: 0, isPromoted: false }));
    const past = promotionHistory(plain);
    const answer = past && simulatePromotion(past, 20);
    expect(answer?.recommendation).toMatch(/can’t be projected/);
    expect(answer?.warning).toMatch(/can’t be projected/);
    expect(answer).toMatchObject({ promotion_effect: null, uplift_vs_no_discount_pct: null });
  });

  it('an answer warns when it uses another discount instead', () => {
    const past = promotionHistory(knownSales(-1));
    expect(past && simulatePromotion(past, 50).warning).toMatch(
      /No sale had a discount of 50 %: the nearest, 15 %/,
    );
  });

  it('a product that never sold is warned of as such, not for its prices', () => {
    const unsold = knownSales(-1).map((sale) => ({ ...sale, units: 0 }));
    expect(priceSensitivity(unsold)?.elasticity_warning).toBe('Nothing was sold at any price.');
  });
});

function fail(): never {
  throw new Error('expected a value');
}
