/**
 * Holt–Winters exponential smoothing with additive weekly season and damped trend: ETS(A,Ad,A).
 *
 * Gardner & McKenzie, "Forecasting trends in time series" (Management Science 31(10), 1985); the error-correction form
 * and the admissible parameters of Hyndman, Koehler, Ord & Snyder, "Forecasting with Exponential Smoothing" (2008),
 * section 3.4:
 *
 *     ŷ = ℓ + φb + s      e = y − ŷ      ℓ ← ℓ + φb + αe      b ← φb + βe      s ← s + γe
 *
 * The parameters minimise the errors of a whole week ahead, not of the next day alone: Tiao & Xu, "Robustness of
 * maximum likelihood estimates for multi-step predictions: the exponential smoothing case" (Biometrika 80(3), 1993).
 */

import type { ModelParameters } from '../../api/forecast-models.ts';
import { patternSearch, REFIT_STEP, sumOfSquares } from './estimation.ts';
import { type FittedModel, type ForecastModel, WEEK } from './forecast-model.ts';
import { errorLimit } from './outliers.ts';

interface HoltWintersParameters extends ModelParameters {
  /** Level. */
  readonly alpha: number;
  /** Trend; at most alpha. */
  readonly beta: number;
  /** Season; at most 1 − alpha. */
  readonly gamma: number;
  /** Damping of the trend. */
  readonly phi: number;
}

interface State {
  level: number;
  trend: number;
  /** By position in the week; the next day's is `(days so far) mod 7`. */
  readonly season: Float64Array;
  /** Keeps outliers from moving the state; stateful. */
  readonly limit: (error: number) => number;
}

/** Weeks from which the first season is estimated. */
const SEASON_WEEKS = 8;
/** α, β/α, γ/(1 − α) and φ on the unit cube. */
const START = [0.2, 0.05, 0.1, 0.5];
const MOST_ALPHA = 0.8;
const DAMPING = { from: 0.8, to: 0.98 };

export const holtWinters: ForecastModel = { fit: (history) => fitFrom(history, START) };

function fitFrom(history: readonly number[], start: readonly number[], firstStep?: number): FittedModel {
  const first = initialState(history);
  const flat = Float64Array.from(history);
  const objective = (point: readonly number[]): number => weekAheadError(flat, parametersAt(point), first);
  const point = patternSearch(objective, start, sumOfSquares(history), firstStep);
  const parameters = parametersAt(point);
  return {
    parameters,
    forecast: (known, horizon) => project(known, parameters, horizon),
    refit: (longer) => fitFrom(longer, point, REFIT_STEP),
  };
}

function project(history: readonly number[], parameters: HoltWintersParameters, horizon: number): number[] {
  const state = initialState(history);
  for (let day = 0; day < history.length; day++) {
    advance(state, parameters, Number(history[day]), day % WEEK);
  }
  return cumulativeDamping(parameters.phi, horizon).map((damped, step) => {
    const season = Number(state.season[(history.length + step) % WEEK]);
    return Math.max(state.level + damped * state.trend + season, 0);
  });
}

function parametersAt([a = 0, b = 0, g = 0, p = 0]: readonly number[]): HoltWintersParameters {
  const alpha = MOST_ALPHA * a;
  return {
    alpha,
    beta: alpha * b,
    gamma: (1 - alpha) * g,
    phi: DAMPING.from + (DAMPING.to - DAMPING.from) * p,
  };
}

/** φ, φ + φ², φ + φ² + φ³, …: what the trend has added after each step. */
function cumulativeDamping(phi: number, horizon: number): number[] {
  let power = 1;
  let sum = 0;
  return Array.from({ length: horizon }, () => {
    power *= phi;
    sum += power;
    return sum;
  });
}

/** The first two weeks' mean as level, no trend, and the weekdays' mean deviations from their weeks as season. */
function initialState(history: readonly number[]): State {
  const weeks = Math.min(Math.floor(history.length / WEEK), SEASON_WEEKS);
  const season = new Float64Array(WEEK);
  for (let week = 0; week < weeks; week++) {
    const days = history.slice(week * WEEK, (week + 1) * WEEK);
    const mean = days.reduce((sum, value) => sum + value, 0) / WEEK;
    days.forEach((value, day) => {
      season[day] = Number(season[day]) + (value - mean) / weeks;
    });
  }
  const level = history.slice(0, 2 * WEEK).reduce((sum, value) => sum + value, 0) / (2 * WEEK);
  return { level, trend: 0, season, limit: errorLimit(history) };
}

/** Updates the state with one more day. */
function advance(
  state: State,
  { alpha, beta, gamma, phi }: HoltWintersParameters,
  value: number,
  day: number,
): void {
  const dampedTrend = phi * state.trend;
  const season = Number(state.season[day]);
  const error = state.limit(value - (state.level + dampedTrend + season));
  state.level += dampedTrend + alpha * error;
  state.trend = dampedTrend + beta * error;
  state.season[day] = season + gamma * error;
}

/**
 * The squared errors of the seven days ahead, summed over every day of the history (at least a week) as origin. The search calls it for each
 * of its points, which is most of what a forecast costs. So a week is written out, and the next seven days without their season
 * are local variables: the season of a weekday changes only on such a day, so each of them serves seven origins.
 */
function weekAheadError(
  history: Float64Array,
  { alpha, beta, gamma, phi }: HoltWintersParameters,
  first: State,
): number {
  const season = first.season.slice();
  const limit = errorLimit(history);
  const [d1 = 0, d2 = 0, d3 = 0, d4 = 0, d5 = 0, d6 = 0, d7 = 0] = cumulativeDamping(phi, WEEK);
  let [r1 = 0, r2 = 0, r3 = 0, r4 = 0, r5 = 0, r6 = 0, r7 = 0] = season.map(
    (own, day) => Number(history[day]) - own,
  );
  let { level, trend } = first;
  let [sum, weekday] = [0, 0];
  const whole = history.length - WEEK;
  for (let origin = 0; origin < whole; origin++) {
    const e1 = r1 - (level + d1 * trend);
    const e2 = r2 - (level + d2 * trend);
    const e3 = r3 - (level + d3 * trend);
    const e4 = r4 - (level + d4 * trend);
    const e5 = r5 - (level + d5 * trend);
    const e6 = r6 - (level + d6 * trend);
    const e7 = r7 - (level + d7 * trend);
    sum += e1 * e1 + e2 * e2 + (e3 * e3 + e4 * e4) + (e5 * e5 + e6 * e6 + e7 * e7);
    const error = limit(e1);
    const dampedTrend = phi * trend;
    level += dampedTrend + alpha * error;
    trend = dampedTrend + beta * error;
    const own = Number(season[weekday]) + gamma * error;
    season[weekday] = own;
    weekday = weekday === WEEK - 1 ? 0 : weekday + 1;
    r1 = r2;
    r2 = r3;
    r3 = r4;
    r4 = r5;
    r5 = r6;
    r6 = r7;
    r7 = Number(history[origin + WEEK]) - own;
  }
  const rest = [r1, r2, r3, r4, r5, r6, r7];
  const damping = [d1, d2, d3, d4, d5, d6, d7];
  for (let origin = 0; origin < rest.length; origin++) {
    for (let step = 0; origin + step < rest.length; step++) {
      const error = Number(rest[origin + step]) - (level + Number(damping[step]) * trend);
      sum += error * error;
    }
    const error = limit(Number(rest[origin]) - (level + phi * trend));
    level += phi * trend + alpha * error;
    trend = phi * trend + beta * error;
  }
  return sum;
}
