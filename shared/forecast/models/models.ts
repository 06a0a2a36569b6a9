import { combination } from './combination.ts';
import type { ForecastModel } from './forecast-model.ts';
import { holtWinters } from './holt-winters.ts';
import { seasonalNaive } from './seasonal-naive.ts';
import { theta } from './theta.ts';
import { tsb } from './tsb.ts';
import { tunedMovingAverage } from './tuned-moving-average.ts';

/** Public names, the simplest model first: of equally good ones that is the one to take. */
export const MODEL_NAMES = [
  'seasonal_naive',
  'moving_average',
  'tsb',
  'theta',
  'holt_winters',
  'combination',
] as const;

export type ModelName = (typeof MODEL_NAMES)[number];

/** The models whose mean is the combination. */
export const COMBINED = ['theta', 'holt_winters'] as const satisfies readonly ModelName[];

export const MODELS: Readonly<Record<ModelName, ForecastModel>> = {
  seasonal_naive: seasonalNaive,
  moving_average: tunedMovingAverage,
  tsb,
  theta,
  holt_winters: holtWinters,
  combination: combination({ theta, holt_winters: holtWinters }),
};

/** What every other model is measured against. */
export const BASELINE: ModelName = 'seasonal_naive';
