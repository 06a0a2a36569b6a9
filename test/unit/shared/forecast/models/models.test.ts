import { describe, expect, it } from 'vitest';
import { patternSearch, weekAheadErrors } from '../../../../../shared/forecast/models/estimation.ts';
import { MODELS } from '../../../../../shared/forecast/models/models.ts';
import { errorLimit, withoutOutliers } from '../../../../../shared/forecast/models/outliers.ts';
import { weeklySeason } from '../../../../../shared/forecast/models/weekly-season.ts';
import { mersenneTwister } from '../../../../../shared/forecast/tpe/mt19937.ts';

const WEEKDAYS = [-15, -13, -10, -5, 15, 40, -12];

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Level 60, rising slowly, with a weekly season and noise that no limit cuts. */
function noisyWeeks(count: number, seed = 5): number[] {
  const uniform = mersenneTwister(seed);
  return Array.from(
    { length: count },
    (_, day) => 60 + 0.1 * day + Number(WEEKDAYS[day % 7]) + 6 * (uniform() - 0.5),
  );
}

describe('seasonal naive', () => {
  it('seasonal naive repeats the last week', () => {
    const forecast = MODELS.seasonal_naive.fit([]).forecast([9, 9, 1, 2, 3, 4, 5, 6, 7], 9);
    expect(forecast).toEqual([1, 2, 3, 4, 5, 6, 7, 1, 2]);
  });
});

describe('moving average', () => {
  it('the moving average is the mean of as many days as the search found', () => {
    const history = noisyWeeks(100);
    const { parameters, forecast } = MODELS.moving_average.fit(history);
    expect(forecast(history, 2)).toEqual([
      expect.closeTo(mean(history.slice(-Number(parameters.window))), 9),
      expect.closeTo(mean(history.slice(-Number(parameters.window))), 9),
    ]);
  });
});

describe('Holt–Winters', () => {
  it('Holt–Winters is the textbook recursion in component form', () => {
    const history = noisyWeeks(150);
    const { parameters, forecast } = MODELS.holt_winters.fit(history);
    const [alpha, beta, gamma, phi] = ['alpha', 'beta', 'gamma', 'phi'].map((name) =>
      Number(parameters[name]),
    );
    expect(alpha).toBeGreaterThan(0);
    const state = smoothed(history, Number(alpha), Number(beta), Number(gamma), Number(phi));
    let damped = 0;
    forecast(history, 10).forEach((units, step) => {
      damped += Number(phi) ** (step + 1);
      expect(units).toBeCloseTo(
        state.level + damped * state.trend + Number(state.season[(150 + step) % 7]),
        8,
      );
    });
  });

  it('Holt–Winters continues a trend', () => {
    const history = Array.from({ length: 140 }, (_, day) => 10 + 3 * day);
    MODELS.holt_winters
      .fit(history)
      .forecast(history, 7)
      .forEach((units, step) => {
        expect(Math.abs(units / (10 + 3 * (140 + step)) - 1)).toBeLessThan(0.03);
      });
  });
});

/** Holt–Winters as taught: weights between the new value and the old component. */
function smoothed(history: readonly number[], alpha: number, beta: number, gamma: number, phi: number) {
  const weeks = Array.from({ length: 8 }, (_, week) => history.slice(7 * week, 7 * week + 7));
  const season = Array.from({ length: 7 }, (_, day) =>
    mean(weeks.map((week) => Number(week[day]) - mean(week))),
  );
  let level = mean(history.slice(0, 14));
  let trend = 0;
  const trendWeight = alpha === 0 ? 0 : beta / alpha;
  history.forEach((value, index) => {
    const seasonal = Number(season[index % 7]);
    const expected = level + phi * trend;
    const next = alpha * (value - seasonal) + (1 - alpha) * expected;
    season[index % 7] = gamma * (value - expected) + (1 - gamma) * seasonal;
    trend = trendWeight * (next - level) + (1 - trendWeight) * phi * trend;
    level = next;
  });
  return { level, trend, season };
}

describe('Theta', () => {
  it('Theta is exponential smoothing with half the linear slope as drift', () => {
    const uniform = mersenneTwister(9);
    const history = Array.from({ length: 120 }, (_, day) => 40 + 0.3 * day + 8 * (uniform() - 0.5));
    const { parameters, forecast } = MODELS.theta.fit(history);
    const alpha = Number(parameters.alpha);
    const level = history.reduce((smooth, value) => smooth + alpha * (value - smooth), Number(history[0]));
    const days = history.map((_, day) => day - 59.5);
    const slope =
      days.reduce((sum, day, i) => sum + day * Number(history[i]), 0) /
      days.reduce((sum, day) => sum + day * day, 0);
    forecast(history, 5).forEach((units, step) => {
      expect(units).toBeCloseTo(level + (slope / 2) * (step + (1 - (1 - alpha) ** 120) / alpha), 8);
    });
  });
});

describe('TSB', () => {
  it('TSB smooths the probability every day and the size on days with a sale, and fades without sales', () => {
    const history = [0, 0, 4, 0, 0, 0, 2, 0, 0, 6, 0, 0, 0, 0, 3, 0, 0, 0, 0, 5];
    const { parameters, forecast } = MODELS.tsb.fit(history);
    let [probability, size] = [5 / 20, 4];
    for (const value of history) {
      if (value > 0) size += Number(parameters.alpha) * (value - size);
      probability += Number(parameters.beta) * (Number(value > 0) - probability);
    }
    expect(forecast(history, 2)).toEqual([
      expect.closeTo(probability * size, 9),
      expect.closeTo(probability * size, 9),
    ]);
    const [later = 0] = forecast([...history, ...new Array<number>(30).fill(0)], 1);
    expect(later).toBeLessThan(probability * size);
  });
});

describe('the combination', () => {
  it('the combination is the mean of Theta and Holt–Winters, with the parameters of both', () => {
    const history = noisyWeeks(100);
    const { parameters, forecast } = MODELS.combination.fit(history);
    const [theta, holtWinters] = [MODELS.theta.fit(history), MODELS.holt_winters.fit(history)];
    expect(parameters).toEqual({ theta: theta.parameters, holt_winters: holtWinters.parameters });
    const paths = [theta, holtWinters].map((model) => model.forecast(history, 3));
    expect(forecast(history, 3)).toEqual(
      [0, 1, 2].map((step) => mean(paths.map((path) => Number(path[step])))),
    );
  });
});

describe('weeklySeason', () => {
  it('a weekly season is restored as it was removed, multiplied or added, or not at all', () => {
    const series = noisyWeeks(70);
    const withZero = series.with(3, 0);
    const flat = new Array<number>(70).fill(8);
    for (const known of [series, withZero, flat]) {
      const season = weeklySeason(known);
      const removed = season.remove(known);
      known.forEach((value, day) => {
        expect(season.restore(Number(removed[day]), day)).toBeCloseTo(value, 9);
      });
    }
    expect(weeklySeason(series).restore(0, 5)).toBe(0);
    expect(weeklySeason(withZero).restore(0, 5)).toBeGreaterThan(20);
    expect(weeklySeason(flat).restore(1, 5)).toBe(1);
  });

  it('a weekly season ignores a single outlier', () => {
    const clean = noisyWeeks(140);
    const seasons = [weeklySeason(clean), weeklySeason(clean.with(72, 5000))];
    for (let day = 0; day < 7; day++) {
      const [expected = 0, found = 0] = seasons.map((season) => season.restore(100, day));
      expect(Math.abs(found / expected - 1)).toBeLessThan(0.1);
    }
  });
});

describe('errorLimit', () => {
  it('the error limit passes usual errors and cuts an outlier', () => {
    const limit = errorLimit([10, 20, 30]);
    for (const error of [3, -4, 2, -3, 4, -2]) expect(limit(error)).toBe(error);
    expect(limit(1000)).toBeLessThan(30);
    expect(limit(-1000)).toBeGreaterThan(-40);
  });

  it('the error limit lets a constant series move and follows a lasting shift within a week', () => {
    const limit = errorLimit(new Array<number>(500).fill(20));
    for (let day = 0; day < 500; day++) limit(0);
    expect(limit(2)).toBe(2);
    const cuts = Array.from({ length: 14 }, () => limit(20));
    expect(cuts.at(0)).toBeLessThan(5);
    expect(cuts.at(-1)).toBe(20);
  });
});

describe('withoutOutliers', () => {
  it('withoutOutliers keeps even values and cuts outliers', () => {
    expect(withoutOutliers([1, 2, 3, 4, 5])).toEqual([1, 2, 3, 4, 5]);
    expect(Math.max(...withoutOutliers([...new Array<number>(99).fill(1), 1000]))).toBeLessThan(100);
  });
});

describe('patternSearch', () => {
  it('the pattern search finds the lowest point of a bowl, or the edge of the cube nearest to it', () => {
    const bowl = ([x = 0, y = 0]: readonly number[]) => (x - 0.7) ** 2 + (y - 1.5) ** 2;
    const [x, y] = patternSearch(bowl, [0.2, 0.5], 1);
    expect(x).toBeCloseTo(0.7, 2);
    expect(y).toBe(1);
  });

  it('the pattern search asks for the value of a point once', () => {
    const asked: string[] = [];
    patternSearch(
      (point) => {
        asked.push(point.join());
        return point.reduce((sum, x) => sum + (x - 0.7) ** 2, 0);
      },
      [0.2, 1],
      1,
    );
    expect(asked).toEqual([...new Set(asked)]);
  });

  it('the pattern search does not follow rounding errors', () => {
    expect(patternSearch(([x = 0]) => 1 + 1e-13 * x, [0.5], 1)).toEqual([0.5]);
    expect(patternSearch(([x = 0]) => 1e-25 * x, [0.5], 1)).toEqual([0.5]);
  });
});

describe('weekAheadErrors', () => {
  it('weekAheadErrors sums the squared errors of the next seven days, or of those that are left', () => {
    const series = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3];
    const errorOf = weekAheadErrors(series);
    const expected = (from: number) =>
      series.slice(from, from + 7).reduce((sum, value) => sum + (value - 2.5) ** 2, 0);
    for (const origin of [0, 2, 3, 8, 10]) expect(errorOf(origin, 2.5)).toBeCloseTo(expected(origin), 9);
  });
});
