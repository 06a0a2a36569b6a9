/**
 * What automatic choice would have achieved: at each of the last windows the model is chosen, and its intervals are
 * made, from windows that had ended by then. In the backtest's own table the choice has seen what it is judged on.
 */

import type { ModelName } from '../../shared/api/forecast-models.ts';
import { type Accuracy, accuracy } from '../../shared/forecast/backtest/accuracy.ts';
import { type Backtest, chooseModel } from '../../shared/forecast/backtest/backtest.ts';
import { holds, intervalTails, type Tails } from '../../shared/forecast/backtest/intervals.ts';
import { BACKTEST_HORIZON, type RolledForecasts } from '../../shared/forecast/backtest/rolling-origin.ts';

/** Windows at the end that are judged: twelve weeks of a long series. */
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
  readonly tails: Tails;
}

/** How every model, and `auto`, did over the last twelve windows. Levels from 0 to 1. */
export function outOfSample(past: Backtest, levels: readonly number[]): OutOfSample[] {
  const { series, origins } = past;
  const models = past.models.map(({ model, forecasts }) => ({
    model,
    forecasts,
    tails: intervalTails(series, origins, forecasts, JUDGED_WINDOWS),
  }));
  return [...models, automatic(past, models)].map(({ model, forecasts, tails }) => ({
    model,
    accuracy: accuracy(series, origins.slice(-JUDGED_WINDOWS), forecasts.slice(-JUDGED_WINDOWS)),
    coverage: levels.map((level) => shareHeld(tails.slice(-JUDGED_WINDOWS), level)),
  }));
}

function shareHeld(tails: Tails, level: number): number | null {
  const known = tails.flat().filter((tail) => tail !== null);
  return known.length === 0 ? null : known.filter((tail) => holds(tail, level)).length / known.length;
}

/** At each window the row of the model that would have been chosen by the windows that had ended. */
function automatic(past: Backtest, models: readonly Candidate[]): Candidate {
  const [first] = models;
  const chosen = past.origins.map((_, window) => {
    if (window < past.origins.length - JUDGED_WINDOWS) return first;
    const name = chosenBefore(past, window);
    return models.find(({ model }) => model === name) ?? first;
  });
  return {
    model: 'auto',
    forecasts: chosen.map((candidate, window) => candidate?.forecasts[window] ?? []),
    tails: chosen.map((candidate, window) => candidate?.tails[window] ?? []),
  };
}

function chosenBefore({ series, origins, models, excluded }: Backtest, window: number): ModelName {
  const ended = origins.filter((origin) => origin + BACKTEST_HORIZON <= Number(origins[window]));
  return chooseModel({ series, origins: ended, models, ...(excluded && { excluded }) });
}
