import { lastMean, tuneMovingAverage } from '../moving-average.ts';
import type { ForecastModel } from './forecast-model.ts';

/** As many as `/optimize/demand` runs by default. */
const TRIALS = 20;

/** The mean of the last days for every day ahead; how many days is what the search of `/optimize/demand` finds. */
export const tunedMovingAverage: ForecastModel = {
  fit(history) {
    const window = tuneMovingAverage(history, TRIALS).best?.params.window ?? history.length;
    return {
      parameters: { window },
      forecast: (known, horizon) => new Array<number>(horizon).fill(lastMean(known, window)),
    };
  },
};
