/**
 * Demand explained by weekday, net price and promotion around a level that drifts:
 *
 *     ln y(t) = ℓ(t) + weekday(t) + ε · ln price(t) + π · promotion(t)      ℓ ← ℓ + α · error
 *
 * Exponential smoothing with regressors: Hyndman, Koehler, Ord & Snyder, "Forecasting with Exponential Smoothing" (2008),
 * chapter 9. Given α the one-step errors are linear in the coefficients: they are those of the smoothed units less those of
 * the smoothed regressors, so least squares finds the coefficients without a search. A ridge, whose prior is the
 * usual size of effects, keeps a short history from inventing effects: Hoerl & Kennard, "Ridge regression" (Technometrics 12(1), 1970).
 *
 * The exponential of a mean logarithm is less than the mean; forecasts are multiplied by the ratio of units to fitted
 * units, in the manner of Duan, "Smearing estimate" (JASA 78(383), 1983).
 */

import type { ModelParameters } from '../../api/forecast-models.ts';
import { solveSymmetric } from '../numerics.ts';
import { type ForecastModel, type Offers, WEEK } from './forecast-model.ts';
import { logErrorLimit, withoutOutliers } from './outliers.ts';

/** Smoothing rates to choose from. */
const ALPHAS = [0.02, 0.05, 0.1, 0.2, 0.4];
/** Days whose means start the smoothing: two weeks. */
const START_DAYS = 2 * WEEK;
/** Units below this share of the mean are raised to it, because zero has no logarithm. */
const LEAST_UNITS = 0.05;
const WEEKDAYS = WEEK - 1;
const PRICE = WEEKDAYS;
const PROMOTION = WEEKDAYS + 1;
const REGRESSORS = WEEKDAYS + 2;
/** Regressors, and ln units as the last column. */
const COLUMNS = REGRESSORS + 1;
/** Prior standard deviations of effects on ln units. */
const PRIOR = { weekday: 0.5, price: 1.5, promotion: 0.5 };
/** Keeps the equations solvable for a series without noise. */
const LEAST_VARIANCE = 1e-9;
const RIDGE_STEPS = 2;

interface Effects {
  readonly alpha: number;
  /** By position in the week. */
  readonly weekdays: Float64Array;
  readonly elasticity: number;
  readonly promotion: number;
  /** Fewer units are raised to these; their logarithm would be arbitrary. */
  readonly least: number;
}

/** Without the weekday effects, as other models leave out their season. */
interface RegressionParameters extends ModelParameters {
  readonly alpha: number;
  /** Per cent of demand for each per cent of net price. */
  readonly elasticity: number;
  /** Change of ln units on days with a promotion. */
  readonly promotion: number;
}

export const regression: ForecastModel = {
  fit(history, offers) {
    const effects = estimate(history, offers);
    const ratio = smearing(history, offers, effects);
    const { alpha, elasticity, promotion } = effects;
    const parameters: RegressionParameters = { alpha, elasticity, promotion };
    return {
      parameters,
      forecast: (known, horizon, plan) => {
        if (effects.least === 0) return new Array<number>(horizon).fill(0);
        const level = levelAfter(known, plan, effects);
        return Array.from({ length: horizon }, (_, step) => {
          return ratio * Math.exp(level + explained(effects, plan, known.length + step));
        });
      },
    };
  },
};

/** What weekday, price and promotion add to ln units on a day; without offers the weekday alone. */
function explained(
  { weekdays, elasticity, promotion }: Effects,
  offers: Offers | undefined,
  day: number,
): number {
  const weekday = Number(weekdays[day % WEEK]);
  if (offers === undefined) return weekday;
  return weekday + elasticity * Number(offers.logPrices[day]) + promotion * Number(offers.promotions[day]);
}

function logUnits(units: number, least: number): number {
  return Math.log(Math.max(units, least));
}

/**
 * The level after a history. Calls `atDay` with the fitted ln units of each day and their error, which is cut like those
 * that move the level.
 */
function levelAfter(
  history: readonly number[],
  offers: Offers | undefined,
  effects: Effects,
  atDay?: (fitted: number, day: number, error: number) => void,
): number {
  const days = Math.min(START_DAYS, history.length);
  let level = 0;
  for (let day = 0; day < days; day++) level += residual(history, offers, effects, day) / days;
  const limit = logErrorLimit();
  for (let day = 0; day < history.length; day++) {
    const error = limit(residual(history, offers, effects, day) - level);
    atDay?.(level + explained(effects, offers, day), day, error);
    level += effects.alpha * error;
  }
  return level;
}

function residual(
  history: readonly number[],
  offers: Offers | undefined,
  effects: Effects,
  day: number,
): number {
  return logUnits(Number(history[day]), effects.least) - explained(effects, offers, day);
}

/** Units sold over the one-step forecasts' units, with outliers cut. */
function smearing(history: readonly number[], offers: Offers | undefined, effects: Effects): number {
  if (effects.least === 0) return 0;
  let [sold, forecast] = [0, 0];
  levelAfter(history, offers, effects, (fitted, day, error) => {
    sold += Math.min(Number(history[day]), Math.exp(fitted + error));
    forecast += Math.exp(fitted);
  });
  return sold / forecast;
}

function estimate(history: readonly number[], offers: Offers | undefined): Effects {
  const mean = history.reduce((sum, units) => sum + units, 0) / history.length;
  const least = LEAST_UNITS * mean;
  if (least === 0) {
    return { alpha: 0, weekdays: new Float64Array(WEEK), elasticity: 0, promotion: 0, least };
  }
  const target = withoutOutliers(history.map((units) => logUnits(units, least)));
  const [first, ...others] = ALPHAS.map((alpha) => fitted(target, offers, alpha));
  const best = others.reduce((one, other) => (other.squares < one.squares ? other : one), first ?? NO_FIT);
  const weekdays = new Float64Array(WEEK);
  weekdays.set(best.coefficients.subarray(0, WEEKDAYS));
  return {
    alpha: best.alpha,
    weekdays,
    elasticity: Number(best.coefficients[PRICE]),
    promotion: Number(best.coefficients[PROMOTION]),
    least,
  };
}

interface Fit {
  readonly alpha: number;
  readonly coefficients: Float64Array;
  /** Sum of squared one-step errors. */
  readonly squares: number;
}

const NO_FIT: Fit = { alpha: 0, coefficients: new Float64Array(REGRESSORS), squares: 0 };

/** The coefficients with the least squared one-step errors at one smoothing rate. */
function fitted(target: readonly number[], offers: Offers | undefined, alpha: number): Fit {
  const moments = innovationMoments(target, offers, alpha);
  const at = (row: number, column: number): number =>
    Number(moments[Math.max(row, column) * COLUMNS + Math.min(row, column)]);
  const total = at(REGRESSORS, REGRESSORS);
  let fit: Fit = { alpha, coefficients: new Float64Array(REGRESSORS), squares: total };
  for (let step = 0; step < RIDGE_STEPS; step++) {
    const variance = fit.squares / target.length;
    const matrix = Array.from({ length: REGRESSORS }, (_, row) =>
      Float64Array.from({ length: REGRESSORS }, (_, column) => {
        const ridge = row === column ? variance / priorOf(row) ** 2 + LEAST_VARIANCE : 0;
        return at(row, column) + ridge;
      }),
    );
    const right = Float64Array.from({ length: REGRESSORS }, (_, row) => at(REGRESSORS, row));
    const coefficients = solveSymmetric(matrix, right);
    let squares = total;
    coefficients.forEach((one, row) => {
      squares -= 2 * one * at(REGRESSORS, row);
      coefficients.forEach((other, column) => {
        squares += one * other * at(row, column);
      });
    });
    fit = { alpha, coefficients, squares: Math.max(squares, 0) };
  }
  return fit;
}

function priorOf(regressor: number): number {
  if (regressor === PRICE) return PRIOR.price;
  return regressor === PROMOTION ? PRIOR.promotion : PRIOR.weekday;
}

/**
 * Sums of products of one-step errors of smoothing each column: the lower triangle of a matrix of {@link COLUMNS}, row by row.
 */
function innovationMoments(
  target: readonly number[],
  offers: Offers | undefined,
  alpha: number,
): Float64Array {
  const moments = new Float64Array(COLUMNS * COLUMNS);
  const levels = new Float64Array(COLUMNS);
  const errors = new Float64Array(COLUMNS);
  const days = Math.min(START_DAYS, target.length);
  for (let day = 0; day < days; day++) {
    fillColumns(errors, target, offers, day);
    for (let column = 0; column < COLUMNS; column++) {
      levels[column] = Number(levels[column]) + Number(errors[column]) / days;
    }
  }
  for (let day = 0; day < target.length; day++) {
    fillColumns(errors, target, offers, day);
    for (let row = 0; row < COLUMNS; row++) {
      const error = Number(errors[row]) - Number(levels[row]);
      errors[row] = error;
      levels[row] = Number(levels[row]) + alpha * error;
      const start = row * COLUMNS;
      for (let column = 0; column <= row; column++) {
        moments[start + column] = Number(moments[start + column]) + error * Number(errors[column]);
      }
    }
  }
  return moments;
}

function fillColumns(
  columns: Float64Array,
  target: readonly number[],
  offers: Offers | undefined,
  day: number,
): void {
  columns.fill(0);
  const weekday = day % WEEK;
  if (weekday < WEEKDAYS) columns[weekday] = 1;
  if (offers !== undefined) {
    columns[PRICE] = Number(offers.logPrices[day]);
    columns[PROMOTION] = Number(offers.promotions[day]);
  }
  columns[REGRESSORS] = Number(target[day]);
}
