import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../../../data/generator/random-stream.ts';
import { backtest, chooseModel } from '../../../../../shared/forecast/backtest/backtest.ts';
import { forecastSeries } from '../../../../../shared/forecast/demand-forecast.ts';
import type { Offers } from '../../../../../shared/forecast/models/forecast-model.ts';
import { regression } from '../../../../../shared/forecast/models/regression.ts';
import type { Offer, OfferPlan } from '../../../../../shared/forecast/offers.ts';
import { generatedPairs } from '../../../../support/generated-series.ts';

const WEEKDAYS = [-0.3, -0.2, -0.1, 0, 0.2, 0.4, 0];
const AHEAD = 28;

interface Shop {
  readonly units: readonly number[];
  readonly offers: Offers;
}

/** Daily prices of 8 to 12, a promotion on one day in seven, and demand that responds to them. */
function shop(days: number, seed: number, { elasticity = -1.5, promotion = 0.4, noise = 0.1 } = {}): Shop {
  const random = randomStream(seed, 'shop');
  const logPrices = Float64Array.from({ length: days }, () => Math.log(random.between(8, 12)));
  const promotions = Float64Array.from({ length: days }, () => Number(random.chance(1 / 7)));
  const units = Array.from({ length: days }, (_, day) => {
    const response =
      elasticity * (Number(logPrices[day]) - Math.log(10)) + promotion * Number(promotions[day]);
    return 60 * Math.exp(Number(WEEKDAYS[day % 7]) + response + random.normal(noise));
  });
  return { units, offers: { logPrices, promotions } };
}

function firstDays({ units, offers }: Shop, days: number, ahead: readonly (Offer | null)[]) {
  const past = {
    logPrices: offers.logPrices.slice(0, days),
    promotions: offers.promotions.slice(0, days),
  };
  return { series: units.slice(0, days), plan: { past, ahead } };
}

/** The days of a shop up to one, planned as they came. */
function planned(whole: Shop, days: number): { series: readonly number[]; plan: OfferPlan } {
  const ahead = Array.from({ length: AHEAD }, (_, step) => ({
    netPrice: Math.exp(Number(whole.offers.logPrices[days + step])),
    isPromoted: whole.offers.promotions[days + step] === 1,
  }));
  return firstDays(whole, days, ahead);
}

const request = { horizon: AHEAD, levels: [80, 95], model: 'auto' } as const;

describe('the regression', () => {
  it('the regression finds the effects of price and promotion that a series was made with', () => {
    const { units, offers } = shop(400, 1);
    const { parameters } = regression.fit(units, offers);
    expect(Number(parameters.elasticity)).toBeCloseTo(-1.5, 1);
    expect(Number(parameters.promotion)).toBeCloseTo(0.4, 1);
  });

  it('the regression invents no effect from three weeks of noise', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { units, offers } = shop(21, seed, { elasticity: 0, promotion: 0, noise: 0.4 });
      const { parameters } = regression.fit(units, offers);
      expect(Math.abs(Number(parameters.elasticity))).toBeLessThan(2);
      expect(Math.abs(Number(parameters.promotion))).toBeLessThan(0.7);
    }
  });

  it('a planned price and promotion move the forecast of their day alone', () => {
    const whole = shop(400, 2);
    const base = { netPrice: 10, isPromoted: false };
    const forecastOf = (ahead: readonly Offer[]) => {
      const { series, plan } = firstDays(whole, 372, ahead);
      return forecastSeries(series, { ...request, model: 'regression' }, plan).steps;
    };
    const plain = forecastOf(new Array(AHEAD).fill(base));
    const changed = forecastOf(
      new Array<Offer>(AHEAD)
        .fill(base)
        .with(3, { netPrice: 8, isPromoted: false })
        .with(5, { netPrice: 10, isPromoted: true }),
    );
    changed.forEach(({ units }, step) => {
      const ratio = units / Number(plain[step]?.units);
      const expected = step === 3 ? 0.8 ** -1.5 : step === 5 ? Math.exp(0.4) : 1;
      expect(Math.abs(ratio / expected - 1), `step ${step}`).toBeLessThan(0.06);
    });
  });

  it('one outlier hardly moves the regression', () => {
    const { units, offers } = shop(228, 3);
    const pathOf = (series: readonly number[]) =>
      regression.fit(series, offers).forecast(series.slice(0, 200), AHEAD, offers);
    const outlying = pathOf(units.with(170, 5_000));
    pathOf(units).forEach((value, step) => {
      expect(Math.abs(Number(outlying[step]) / value - 1)).toBeLessThan(0.12);
    });
  });

  it('the forecast of any series and offers is finite, not negative, and scales with the series', () => {
    const anyDay = fc.record({
      units: fc.oneof(fc.constant(0), fc.nat(500)),
      price: fc.constantFrom(0.01, 1, 7.5, 900),
      promoted: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(anyDay, { minLength: 20, maxLength: 90 }), (days) => {
        const past = {
          logPrices: Float64Array.from(days, ({ price }) => Math.log(price)),
          promotions: Float64Array.from(days, ({ promoted }) => Number(promoted)),
        };
        const plan = { past, ahead: [null, { netPrice: 3, isPromoted: true }] };
        const pathOf = (factor: number) =>
          forecastSeries(
            days.map(({ units }) => units * factor),
            { ...request, model: 'regression' },
            plan,
          ).steps.map(({ units }) => units / factor);
        const path = pathOf(1);
        for (const units of path) {
          expect(Number.isFinite(units)).toBe(true);
          expect(units).toBeGreaterThanOrEqual(0);
        }
        pathOf(100).forEach((units, step) => {
          const own = Number(path[step]);
          expect(Math.abs(units - own)).toBeLessThanOrEqual(1e-6 * Math.max(own, 1));
        });
      }),
      { numRuns: 40 },
    );
  });
});

describe('the choice of the regression', () => {
  it('a plan is used where price and promotion move demand, from four months of history on', () => {
    for (const days of [120, 200, 400]) {
      const { series, plan } = planned(shop(days + AHEAD, 4), days);
      expect(chooseModel(backtest(series, plan)), `${days} days`).toBe('regression');
    }
  });

  it('the last offer is no plan: where prices change daily the regression is not chosen without one', () => {
    const { series, plan } = planned(shop(428, 5), 400);
    expect(chooseModel(backtest(series, { ...plan, ahead: [] }))).toBe('combination');
  });

  it('the regression is not chosen where price and promotion have no effect', () => {
    const chosen = Array.from({ length: 20 }, (_, seed) => {
      const { series, plan } = planned(shop(200 + AHEAD, seed, { elasticity: 0, promotion: 0 }), 200);
      return chooseModel(backtest(series, plan));
    });
    expect(chosen.filter((model) => model === 'regression').length).toBeLessThanOrEqual(2);
  });

  it('the reason is given where the regression can not be chosen', () => {
    const { series, plan } = planned(shop(128, 6), 100);
    const reasonOf = (units: readonly number[], offers?: OfferPlan) =>
      forecastSeries(units, request, offers).excluded;
    expect(reasonOf(series, plan)).toEqual([]);
    expect(reasonOf(series)).toEqual([
      { model: 'regression', reason: 'The data set has no prices for this series.' },
    ]);
    const flat = { logPrices: new Float64Array(100), promotions: new Float64Array(100) };
    expect(reasonOf(series, { past: flat, ahead: [] })[0]?.reason).toBe('Price and promotion never changed.');
    const rare = series.map((units, day) => (day % 4 === 0 ? units : 0));
    expect(reasonOf(rare, plan)[0]?.reason).toMatch(/days without sales/);
  });
});

describe('forecasts with a known plan on the generated data set', () => {
  /** Every fifth pair of a seed on which no setting was chosen. */
  const pairs = generatedPairs(3).filter((_, index) => index % 5 === 0);

  it('a known plan lowers the error of the combination by at least 35 %, and intervals hold', () => {
    const errors = { regression: 0, combination: 0 };
    let [held, known] = [0, 0];
    pairs.forEach((pair, index) => {
      const { series, plan } = planned(pair, 600 + index);
      const forecast = forecastSeries(series, request, plan);
      expect(forecast.model).toBe('regression');
      for (const { model, accuracy } of forecast.backtest.rows) {
        if (model === 'regression' || model === 'combination') errors[model] += Number(accuracy.rmsse);
      }
      forecast.steps.forEach(({ intervals: [narrow] }, step) => {
        const actual = Number(pair.units[600 + index + step]);
        known += 1;
        held += Number(actual >= Number(narrow?.lower) && actual <= Number(narrow?.upper));
      });
    });
    expect(errors.regression / errors.combination).toBeLessThan(0.65);
    expect(Math.abs(held / known - 0.8)).toBeLessThan(0.06);
  });
});
