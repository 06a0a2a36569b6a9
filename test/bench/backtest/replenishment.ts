/** A year of orders for the 100 shelves of a seed, by the data set's own planner, a plain (s, S) rule, and this project's policy. */

import { type DatasetRow, generateRows } from '../../../data/generator/rows.ts';
import { LEAD_DAYS } from '../../../data/generator/stock-flow.ts';
import { defaultModel } from '../../../shared/forecast/backtest/backtest.ts';
import { uncensored } from '../../../shared/forecast/demand-day.ts';
import { errorPaths } from '../../../shared/forecast/demand-paths.ts';
import type { FittedModel } from '../../../shared/forecast/models/forecast-model.ts';
import { MODELS } from '../../../shared/forecast/models/models.ts';
import { replenishment } from '../../../shared/forecast/replenishment.ts';

const REVIEW_DAYS = 1;
const PERIOD = LEAD_DAYS + REVIEW_DAYS;
const SERVICE_LEVEL = 0.95;
/** Of a standard normal. */
const SERVICE_FACTOR = 1.645;
/** Policies take over after a year. */
const FIRST_DAY = 365;
const FIRST_ORIGIN = 28;
const MOST_PATHS = 52;
const REFIT_GROWTH = 1.25;
const RECENT_DAYS = 28;

/** What a shelf has sold so far, and whether it sold out, by day. */
interface Sales {
  readonly sold: number[];
  readonly soldOut: boolean[];
}

/** Decides after closing what to order, from the sales so far and the units on hand and on order. */
type Policy = (sales: Sales, position: number) => number;

interface Score {
  demand: number;
  sold: number;
  stock: number;
  soldOutDays: number;
  days: number;
}

/** Prints fill rate, sold-out days and stock of each policy on a seed. */
export function reportReplenishment(seed: number): void {
  const shelves = [
    ...Map.groupBy(generateRows(seed), ({ storeId, productId }) => `${storeId} ${productId}`).values(),
  ];
  console.log(
    `\nSeed ${seed}: a year of daily orders for ${shelves.length} shelves, delivered after ${LEAD_DAYS} days of sales\n`,
  );
  console.log('| orders by | fill rate | sold-out days | stock at closing, days of demand | units |');
  console.log('| --- | --- | --- | --- | --- |');
  print('the data set (`Units Ordered`)', shelves, (rows) => {
    const orders = rows.map(({ unitsOrdered }) => unitsOrdered);
    return ({ sold }) => Number(orders[sold.length - 1]);
  });
  print('a plain (s, S) rule, 95 %', shelves, () => plainRule);
  print('this policy, 95 %', shelves, orderUpToPolicy);
}

function print(
  name: string,
  shelves: readonly DatasetRow[][],
  policyOf: (rows: readonly DatasetRow[]) => Policy,
): void {
  const score: Score = { demand: 0, sold: 0, stock: 0, soldOutDays: 0, days: 0 };
  for (const rows of shelves) simulate(rows, policyOf(rows), score);
  const cells = [
    `${((100 * score.sold) / score.demand).toFixed(2)} %`,
    `${((100 * score.soldOutDays) / score.days).toFixed(2)} %`,
    (score.stock / score.demand).toFixed(2),
    (score.stock / score.days).toFixed(1),
  ];
  console.log(`| ${[name, ...cells].join(' | ')} |`);
}

/** Plays the days after the first year. Nothing but sales is known to the policy: what an empty shelf lost stays hidden. */
function simulate(rows: readonly DatasetRow[], policy: Policy, score: Score): void {
  const past = rows.slice(0, FIRST_DAY);
  const sales = {
    sold: past.map(({ unitsSold }) => unitsSold),
    soldOut: past.map(({ unitsSold, inventoryLevel }) => unitsSold === inventoryLevel),
  };
  const last = past.at(-1);
  let onHand = Number(last?.inventoryLevel) - Number(last?.unitsSold);
  const onOrder = past.slice(-1 - LEAD_DAYS, -1).map(({ unitsOrdered }) => unitsOrdered);
  for (const { demand } of rows.slice(FIRST_DAY)) {
    onOrder.push(policy(sales, onHand + onOrder.reduce((sum, units) => sum + units, 0)));
    onHand += onOrder.shift() ?? 0;
    const sold = Math.min(demand, onHand);
    sales.sold.push(sold);
    sales.soldOut.push(sold === onHand);
    onHand -= sold;
    score.demand += demand;
    score.sold += sold;
    score.stock += onHand;
    score.soldOutDays += Number(demand > sold);
    score.days += 1;
  }
}

/**
 * At or below s, order up to S: s is the mean of four weeks times the days to bridge plus 1.645 standard deviations of as many
 * days, S a day's mean above it (Silver, Pyke & Thomas, 6.9).
 */
function plainRule({ sold }: Sales, position: number): number {
  const recent = sold.slice(-RECENT_DAYS);
  const mean = recent.reduce((sum, units) => sum + units, 0) / recent.length;
  const variance = recent.reduce((sum, units) => sum + (units - mean) ** 2, 0) / (recent.length - 1);
  const s = mean * PERIOD + SERVICE_FACTOR * Math.sqrt(variance * PERIOD);
  return position <= s ? Math.ceil(s + mean * REVIEW_DAYS - position) : 0;
}

/** This project's policy with the parameters of its model estimated again when the history has grown by a quarter, as in a backtest. */
function orderUpToPolicy(): Policy {
  const forecasts: number[][] = [];
  let fitted: FittedModel | undefined;
  let fittedOn = 0;
  return ({ sold, soldOut }, position) => {
    const series = uncensored(sold, soldOut);
    for (let day = Math.max(forecasts.length, FIRST_ORIGIN); day <= series.length; day++) {
      const history = series.slice(0, day);
      if (fitted === undefined || day >= fittedOn * REFIT_GROWTH) {
        fitted = MODELS[defaultModel(history)].fit(history);
        fittedOn = day;
      }
      forecasts[day] = fitted.forecast(history, PERIOD);
    }
    const origins: number[] = [];
    for (let origin = series.length - 7; origin >= FIRST_ORIGIN && origins.length < MOST_PATHS; origin -= 7)
      origins.unshift(origin);
    const paths = errorPaths(
      series,
      origins,
      origins.map((origin) => forecasts[origin] ?? []),
      forecasts[series.length] ?? [],
    );
    const policy = { leadDays: LEAD_DAYS, reviewDays: REVIEW_DAYS, serviceLevel: SERVICE_LEVEL };
    return replenishment(paths, position, policy).orderQuantity;
  };
}
