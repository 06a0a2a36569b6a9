/**
 * The forecast of one series for its next day, brought up to date by each day that is played: some additions a day instead of a
 * backtest, so that all series of a run are forecast every day of it.
 *
 * The level is smoothed with weekday factors, each by its own rate (Holt, "Forecasting seasonals and trends by exponentially
 * weighted moving averages", 1957, reprinted in International Journal of Forecasting 20(1), 2004), as ratios of smoothed sums,
 * so that weekdays without sales don't raise the level. The rates were chosen on seeds below 100; there the next day's error
 * is about that of Theta and Holt–Winters with estimated parameters.
 *
 * Each end of an interval is a quantile of relative errors that is raised after a miss and lowered after a hit, by amounts
 * that balance at its level: Angelopoulos, Candès & Tibshirani, "Conformal PID control for time series prediction" (NeurIPS
 * 2023), section 2.1, quantile tracking. It holds its level in the long run for any series.
 */

import { WEEK } from './models/forecast-model.ts';

const LEVEL_RATE = 0.15;
const WEEKDAY_RATE = 0.05;
/** Of the usual size of errors. */
const SIZE_RATE = 0.05;
/** Of quantiles, in usual errors a day. */
const QUANTILE_RATE = 0.15;
/** Days before the first forecast. */
const FIRST_DAYS = 2 * WEEK;
/** The usual error before any is known, as a share of the level. */
const FIRST_SIZE = 0.25;

/** Levels of the intervals, in per cent. */
export const RUNNING_LEVELS = [80, 95] as const;
/** Quantiles of errors in multiples of their usual size, before any is known. */
const FIRST_QUANTILES = [1.6, 2.9];

export interface RunningInterval {
  /** Per cent. */
  readonly level: number;
  readonly lower: number;
  readonly upper: number;
}

/** What is expected of the next day. */
export interface NextDay {
  readonly units: number;
  readonly intervals: readonly RunningInterval[];
}

/** A smoothed level with weekday factors. */
export interface RunningForecast {
  /** The next day's units; null before two weeks are known. */
  next(): number | null;
  /** Takes in the next day: its units, or its estimated demand if it sold out. */
  learn(units: number): void;
}

/** A smoothed sum over a smoothed sum: where the lower one is small or 0 now and then, the mean of ratios would be far too high. */
interface Ratio {
  over: number;
  under: number;
}

/** Starts a forecast on the first day of a series. */
export function runningForecast(): RunningForecast {
  const first: number[] = [];
  const level: Ratio = { over: 0, under: 1 };
  /** Units of a weekday over the level. */
  let factors: Ratio[] = [];
  let day = 0;
  const factorOf = (weekday: number): number => quotient(factors[weekday], 1);
  const next = (): number | null => (day < FIRST_DAYS ? null : quotient(level, 0) * factorOf(day % WEEK));
  return {
    next,
    learn(units) {
      if (day < FIRST_DAYS) {
        first.push(units);
        if (first.length === FIRST_DAYS) {
          level.over = first.reduce((sum, each) => sum + each, 0) / FIRST_DAYS;
          factors = firstFactors(first, level.over);
        }
      } else {
        const factor = factors[day % WEEK];
        const [before, own] = [quotient(level, 0), factorOf(day % WEEK)];
        smooth(level, LEVEL_RATE, units, own);
        if (factor) smooth(factor, WEEKDAY_RATE, units, before);
      }
      day += 1;
    },
  };
}

/** Each weekday's units of two weeks, drawn towards the mean day by the weight of two days. */
function firstFactors(first: readonly number[], mean: number): Ratio[] {
  return Array.from({ length: WEEK }, (_, weekday) => {
    const own = (Number(first[weekday]) + Number(first[weekday + WEEK])) / 2;
    return { over: (own + mean) / 2, under: mean };
  });
}

function smooth(ratio: Ratio, rate: number, over: number, under: number): void {
  ratio.over += rate * (over - ratio.over);
  ratio.under += rate * (under - ratio.under);
}

function quotient(ratio: Ratio | undefined, otherwise: number): number {
  return ratio && ratio.under > 0 ? ratio.over / ratio.under : otherwise;
}

/** Intervals around a series of forecasts. */
export interface RunningIntervals {
  /** Around the next forecast. */
  around(forecast: number): RunningInterval[];
  /** Takes in what came of a forecast. */
  learn(forecast: number, actual: number): void;
}

/**
 * Creates intervals that adapt to one series. Before the first `learn` their width is a fixed share of the forecast.
 *
 * @example
 * const intervals = runningIntervals();
 * const [interval] = intervals.around(120); // before the day
 * intervals.learn(120, 131); // after it
 */
export function runningIntervals(): RunningIntervals {
  let size = Number.NaN;
  const bounds = RUNNING_LEVELS.map((level, index) => ({
    level,
    tail: (1 - level / 100) / 2,
    below: Number(FIRST_QUANTILES[index]),
    above: Number(FIRST_QUANTILES[index]),
  }));
  const sizeFor = (forecast: number): number => (Number.isNaN(size) ? FIRST_SIZE * forecast : size);
  return {
    around(forecast) {
      const scale = sizeFor(forecast);
      return bounds.map(({ level, below, above }) => ({
        level,
        lower: Math.max(forecast - below * scale, 0),
        upper: forecast + above * scale,
      }));
    },
    learn(forecast, actual) {
      const scale = sizeFor(forecast);
      const error = actual - forecast;
      for (const bound of bounds) {
        bound.above = moved(bound.above, error > bound.above * scale, bound.tail);
        bound.below = moved(bound.below, error < -bound.below * scale, bound.tail);
      }
      size = scale + SIZE_RATE * (Math.abs(error) - scale);
    },
  };
}

/** A quantile after a hit or a miss. */
function moved(quantile: number, missed: boolean, tail: number): number {
  return Math.max(quantile + QUANTILE_RATE * (Number(missed) - tail), 0);
}
