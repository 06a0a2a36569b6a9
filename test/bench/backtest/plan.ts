/** What a known plan of prices and promotions is worth, and what it costs where neither moves demand. */

import { backtest } from '../../../shared/forecast/backtest/backtest.ts';
import type { Offers } from '../../../shared/forecast/models/forecast-model.ts';
import type { Offer } from '../../../shared/forecast/offers.ts';
import { type GeneratedPair, generatedPairs } from '../../support/generated-series.ts';
import { type OutOfSample, outOfSample } from '../../support/out-of-sample.ts';

const LEVELS = [0.8, 0.95];
const DAYS = [150, 365, 731];
/** In a backtest a planned step has what was really offered; only that it is planned counts. */
const PLANNED: readonly Offer[] = new Array<Offer>(28).fill({ netPrice: 1, isPromoted: false });
/** Offers of another data set have nothing to do with the demand of this one. */
const OTHER_SEED = 5_000;

/** Prints errors with and without a plan on the 100 pairs of a seed, judged on the last twelve windows. */
export function reportPlan(seed: number): void {
  console.log(`\nSeed ${seed}: RMSSE 1 to 7 days ahead with a known plan, 100 pairs\n`);
  console.log(
    '| days | offers | auto without a plan | auto with it | ratio | worst pair | pairs over 2 % worse | regression in all windows | its 80 % / 95 % intervals hold |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  const pairs = generatedPairs(seed);
  const others = generatedPairs(seed + OTHER_SEED);
  for (const days of DAYS) {
    printRow(days, 'its own', pairs, pairs);
    printRow(days, 'of another data set', pairs, others);
  }
}

function printRow(
  days: number,
  name: string,
  pairs: readonly GeneratedPair[],
  offersFrom: readonly GeneratedPair[],
): void {
  const rows = pairs.map(({ units }, index) => {
    const past = firstDays(offersFrom[index]?.offers, days);
    const tested = backtest(units.slice(0, days), { past, ahead: PLANNED });
    const withPlan = outOfSample(tested, LEVELS);
    const models = tested.models.filter(({ model }) => model !== 'regression');
    const without = outOfSample({ ...tested, models }, LEVELS);
    return { withPlan, without };
  });
  const errors = rows.map(({ withPlan, without }) => {
    return { plan: errorOf(withPlan, 'auto'), none: errorOf(without, 'auto') };
  });
  const chosen = rows.filter(
    ({ withPlan }) => errorOf(withPlan, 'auto') === errorOf(withPlan, 'regression'),
  ).length;
  const coverage = LEVELS.map((_, level) =>
    mean(
      rows.map(({ withPlan }) =>
        Number(withPlan.find(({ model }) => model === 'regression')?.coverage[level]),
      ),
    ),
  );
  const ratios = errors.map((each) => each.plan / each.none);
  const [plan, none] = [mean(errors.map((each) => each.plan)), mean(errors.map((each) => each.none))];
  const cells = [
    days,
    name,
    none.toFixed(3),
    plan.toFixed(3),
    (plan / none).toFixed(3),
    Math.max(...ratios).toFixed(3),
    ratios.filter((ratio) => ratio > 1.02).length,
    `${chosen} of ${pairs.length}`,
    coverage.map((share) => (100 * share).toFixed(1)).join(' / '),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

function firstDays(offers: Offers | undefined, days: number): Offers {
  return {
    logPrices: offers?.logPrices.slice(0, days) ?? new Float64Array(days),
    promotions: offers?.promotions.slice(0, days) ?? new Float64Array(days),
  };
}

function errorOf(rows: readonly OutOfSample[], wanted: OutOfSample['model']): number {
  return Number(rows.find(({ model }) => model === wanted)?.accuracy.rmsse);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
