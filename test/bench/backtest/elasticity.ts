/** How often the intervals of price and promotion effects hold the generator's true ones, on 60 products a seed. */

import { products } from '../../../data/generator/catalogue.ts';
import { type DemandRegression, demandRegression } from '../../../shared/analytics/demand-regression.ts';
import { logLogRegression } from '../../../shared/analytics/log-log-regression.ts';
import type { ProductSale } from '../../../shared/analytics/product-sale.ts';
import { promotionEffect } from '../../../shared/analytics/promotion-effect.ts';
import { generatedSales } from '../../support/generated-sales.ts';

const DAYS = [30, 90, 365, 731];
/** 20 products each. */
const SEEDS = 3;
const FIRST_DAY = Date.parse('2022-01-01');

interface Score {
  known: number;
  held: number;
  error: number;
}

/** Prints coverage and mean absolute error of both estimators of both effects, by day. */
export function reportElasticity(seed: number): void {
  console.log(
    `\nSeeds ${seed} to ${seed + SEEDS - 1}: 95 % intervals of effects on ${20 * SEEDS} products\n`,
  );
  console.log(
    '| day | elasticity held | mean error | before: held | mean error | promotion held | mean error | before: held |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
  const products = Array.from({ length: SEEDS }, (_, index) => truthsOf(seed + index)).flat();
  for (const day of DAYS) {
    const last = new Date(FIRST_DAY + (day - 1) * 86_400_000).toISOString().slice(0, 10);
    const scores = Array.from({ length: 4 }, (): Score => ({ known: 0, held: 0, error: 0 }));
    for (const { sales, elasticity, uplift } of products) {
      const inScope = sales.filter(({ date }) => date <= last);
      judge(inScope, { elasticity, uplift }, scores);
    }
    const [price, oldPrice, promotion, oldPromotion] = scores.map((score) => [share(score), mean(score)]);
    console.log(`| ${[day, price, oldPrice, promotion, oldPromotion?.[0]].flat().join(' | ')} |`);
  }
}

function truthsOf(seed: number) {
  const sales = generatedSales(seed);
  return products(seed).map((product) => ({
    sales: sales.get(product.id) ?? [],
    elasticity: product.elasticity,
    uplift: product.promotionUplift,
  }));
}

function judge(
  sales: readonly ProductSale[],
  truth: { readonly elasticity: number; readonly uplift: number },
  [price, oldPrice, promotion, oldPromotion]: readonly Score[],
): void {
  const fit: DemandRegression = demandRegression(sales);
  add(price, truth.elasticity, fit.elasticity?.estimate, fit.elasticity?.test.interval95);
  add(promotion, truth.uplift, fit.promotion?.estimate, fit.promotion?.test.interval95);
  const legacy = logLogRegression(sales);
  add(oldPrice, truth.elasticity, legacy?.elasticity, legacy?.test?.interval95);
  const welch = promotionEffect(sales).test;
  const percent = 100 * (Math.exp(truth.uplift) - 1);
  add(oldPromotion, percent, percent, welch?.uplift_pct_interval_95 ?? undefined);
}

function add(
  score: Score | undefined,
  truth: number,
  estimate: number | undefined,
  interval: { readonly low: number; readonly high: number } | undefined,
): void {
  if (score === undefined || estimate === undefined || interval === undefined) return;
  score.known += 1;
  score.held += Number(interval.low <= truth && truth <= interval.high);
  score.error += Math.abs(estimate - truth);
}

function share({ known, held }: Score): string {
  return `${((100 * held) / known).toFixed(1)} %`;
}

function mean({ known, error }: Score): string {
  return (error / known).toFixed(3);
}
