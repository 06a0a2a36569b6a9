import { describe, expect, it } from 'vitest';
import type { DemandDay } from '../../../../shared/forecast/demand-day.ts';
import { optimizeMovingAverage } from '../../../../shared/forecast/demand-optimization.ts';
import { predictByAverage } from '../../../../shared/forecast/moving-average.ts';
import { goldenHistory, readRecorded } from '../../../support/golden-history.ts';

/** The answers of the original system, digit for digit and key for key. */

const reader = goldenHistory();

describe('GET /demand/predict as recorded', () => {
  it.each(answered('demand_predict'))('%s', async (request, body) => {
    const { product, history } = await asked(request);
    const days = Number(parameters(request).get('days') ?? 7);
    expectSame(predictByAverage({ ...product, days }, history), body);
  });
});

describe('POST /optimize/demand as recorded', () => {
  it.each(answered('optimize_demand'))('%s', async (request, body) => {
    const { product, history } = await asked(request);
    const n_trials = Number(parameters(request).get('n_trials') ?? 20);
    expectSame(optimizeMovingAverage({ ...product, n_trials }, history), body);
  });
});

function answered(file: string) {
  return readRecorded(file)
    .filter(({ status }) => status === 200)
    .map(({ request, body }) => [request, body] as const);
}

function parameters(request: string): URLSearchParams {
  return new URLSearchParams(request.slice(request.indexOf('?')));
}

async function asked(request: string) {
  const query = parameters(request);
  const store_id = query.get('store_id') ?? '';
  const product_id = query.get('product_id') ?? '';
  const day = query.get('day');
  const { sales } = await reader.product(product_id);
  const all: DemandDay[] = sales
    .filter((sale) => sale.storeId === store_id)
    .map((sale) => ({ date: sale.date, units_sold: sale.units }));
  const history = all.slice(0, day === null ? all.length : Number(day));
  const analysis_up_to_day = day === null ? 'all' : (history.at(-1)?.date ?? '');
  return { product: { store_id, product_id, analysis_up_to_day }, history };
}

/** Equal in every digit, and the keys in the same order. */
function expectSame(answer: unknown, recorded: unknown): void {
  expect(answer).toEqual(recorded);
  expect(JSON.stringify(answer)).toBe(JSON.stringify(recorded));
}
