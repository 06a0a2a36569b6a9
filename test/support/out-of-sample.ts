/**
 * What automatic choice would have achieved: at each of the last windows the model is chosen, and its intervals are
 * made, from windows that were over by then. In the backtest's own table the choice has seen what it is judged on.
 */

import { type Accuracy, accuracy } from '../../shared/forecast/backtest/accuracy.ts';
import { type Backtest, bestModel } from '../../shared/forecast/backtest/backtest.ts';
import { coverage, type Hits, intervalHits } from '../../shared/forecast/backtest/conformal.ts';
import { BACKTEST_HORIZON, type RolledForecasts } from '../../shared/forecast/backtest/rolling-origin.ts';
import { BASELINE, type ModelName } from '../../shared/forecast/models/models.ts';

/** Windows at the end that are judged on: twelve weeks of a long series. */
const JUDGED_WINDOWS = 12;

export interface OutOfSample {
  readonly model: ModelName | 'auto';
  readonly accuracy: Accuracy;
  /** Share (0 … 1) of actual values within the interval of each level asked for. */
  readonly coverage: readonly (number | null)[];
}

/** One model's rows over all windows, or those of the models that were chosen. */
interface Candidate {
  readonly model: ModelName | 'auto';
  readonly forecasts: RolledForecasts;
  /** One per level. */
  readonly hits: readonly Hits[];
}

/** How every model, and `auto`, did over the last twelve windows. Levels from 0 to 1. */
export function outOfSample(past: Backtest, levels: readonly number[]): OutOfSample[] {
  const { series, origins } = past;
  const models = past.models.map(({ model, forecasts }) => ({
    model,
    forecasts,
    hits: levels.map((level) => intervalHits(series, origins, forecasts, level)),
  }));
  return [...models, automatic(past, models)].map(({ model, forecasts, hits }) => ({
    model,
    accuracy: accuracy(series, origins.slice(-JUDGED_WINDOWS), forecasts.slice(-JUDGED_WINDOWS)),
    coverage: hits.map((ofLevel) => coverage(ofLevel.slice(-JUDGED_WINDOWS))),
  }));
}

/** At each window the row of the model that was best on the windows over by then. */
function automatic(past: Backtest, models: readonly Candidate[]): Candidate {
  const [first] = models;
  const chosen = past.origins.map((_, window) => {
    const name = bestBefore(past, window);
    return models.find(({ model }) => model === name) ?? first;
  });
  return {
    model: 'auto',
    forecasts: chosen.map((candidate, window) => candidate?.forecasts[window] ?? []),
    hits: (first?.hits ?? []).map((_, level) =>
      chosen.map((candidate, window) => candidate?.hits[level]?.[window] ?? []),
    ),
  };
}

function bestBefore({ series, origins, models }: Backtest, window: number): ModelName {
  const over = origins.filter((origin) => origin + BACKTEST_HORIZON <= Number(origins[window]));
  if (over.length === 0) return BASELINE;
  return bestModel(
    models.map(({ model, forecasts }) => ({ model, accuracy: accuracy(series, over, forecasts) })),
  );
}
