/** What sold-out days do to a forecast that takes sales for demand, and to one that doesn't: on shelves that are kept too empty. */

import { randomStream } from '../../../data/generator/random-stream.ts';
import { generateRows } from '../../../data/generator/rows.ts';
import { uncensored } from '../../../shared/forecast/demand-day.ts';
import { forecastSeries } from '../../../shared/forecast/demand-forecast.ts';

const HORIZON = 7;
/** Ends of the histories, some weeks apart. */
const CUTOFFS = [480, 600, 720];
/** Stock of a morning as multiples of the mean demand of the week before: how scarce it is. */
const STOCKS = [
  { least: 2.4, most: 6 },
  { least: 1.4, most: 3 },
  { least: 0.9, most: 2.2 },
];

/** Prints bias and error against the true demand of the next week, of forecasts from sales and from estimated demand. */
export function reportCensored(seed: number): void {
  const shelves = [
    ...Map.groupBy(generateRows(seed), ({ storeId, productId }) => `${storeId} ${productId}`).values(),
  ].map((rows) => rows.map(({ demand }) => demand));
  console.log(`\nSeed ${seed}: forecasts of demand, 7 days ahead, from sales of shelves that sell out\n`);
  console.log(
    '| sold-out days | bias, sales taken for demand | bias, demand estimated | bias, demand known | WAPE | WAPE | WAPE |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const scarcity of STOCKS) {
    const random = randomStream(seed, 'shelves kept too empty');
    const scores = [newScore(), newScore(), newScore()] as const;
    let [soldOutDays, days] = [0, 0];
    for (const demand of shelves) {
      const stock = demand.map((_, day) => {
        const week = demand.slice(Math.max(day - 7, 0), Math.max(day, 1));
        const usual = week.reduce((sum, units) => sum + units, 0) / week.length;
        return Math.round(usual * random.between(scarcity.least, scarcity.most));
      });
      const sold = demand.map((units, day) => Math.min(units, Number(stock[day])));
      const soldOut = sold.map((units, day) => units === stock[day]);
      soldOutDays += soldOut.filter(Boolean).length;
      days += sold.length;
      for (const cutoff of CUTOFFS) {
        const future = demand.slice(cutoff, cutoff + HORIZON);
        const estimated = uncensored(sold.slice(0, cutoff), soldOut.slice(0, cutoff));
        [sold, estimated, demand].forEach((series, index) => {
          judge(scores[index], series.slice(0, cutoff), future);
        });
      }
    }
    const cells = [
      `${((100 * soldOutDays) / days).toFixed(1)} %`,
      ...scores.map(({ error, actual }) => `${((100 * error) / actual).toFixed(1)} %`),
      ...scores.map(({ absolute, actual }) => `${((100 * absolute) / actual).toFixed(1)} %`),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

interface Score {
  error: number;
  absolute: number;
  actual: number;
}

function newScore(): Score {
  return { error: 0, absolute: 0, actual: 0 };
}

function judge(score: Score | undefined, history: readonly number[], future: readonly number[]): void {
  if (score === undefined) return;
  const { steps } = forecastSeries(history, { horizon: HORIZON, levels: [80], model: 'auto' });
  future.forEach((actual, step) => {
    const error = Number(steps[step]?.units) - actual;
    score.error += error;
    score.absolute += Math.abs(error);
    score.actual += actual;
  });
}
