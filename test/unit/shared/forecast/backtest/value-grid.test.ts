import { describe, expect, it } from 'vitest';
import { gridOf, nearestValue, wasNearest } from '../../../../../shared/forecast/backtest/value-grid.ts';

describe('gridOf', () => {
  it('the grid of a series is the smallest difference of which most values are multiples', () => {
    expect(gridOf([9, 3, 3, 7])).toEqual({ origin: 3, step: 2 });
    expect(gridOf([0.5, 2, 1.25])).toEqual({ origin: 0.5, step: 0.75 });
  });

  it('estimates for the days that sold out do not change the grid of counts', () => {
    expect(gridOf([9, 3, 5.2287, 7, 8, 3, 52.999992]).step).toBe(1);
    expect(gridOf([0, 0, 0, 7, 3.3, 7, 14])).toEqual({ origin: 0, step: 7 });
  });

  it('values without a common difference have no step', () => {
    expect(gridOf([1.234, 2.61, 3.307, 9.87, 0.411]).step).toBe(0);
  });

  it('a series that never changed has no step, and neither has one without days', () => {
    expect(gridOf([19, 19, 19]).step).toBe(0);
    expect(gridOf([])).toEqual({ origin: 0, step: 0 });
  });
});

describe('nearestValue', () => {
  it('the nearest value of a grid lies on it, beyond the values that the series had too', () => {
    expect([50.7, 51.9, 52.1, 60].map((units) => nearestValue({ origin: 51, step: 2 }, units))).toEqual([
      51, 51, 53, 61,
    ]);
  });

  it('the nearest value of a series that never changed is the forecast itself', () => {
    expect(nearestValue(gridOf([19, 19]), 18.7)).toBe(18.7);
  });
});

describe('wasNearest', () => {
  it('an actual value was the nearest if the forecast rounds to it', () => {
    const grid = gridOf([50, 51, 52]);
    expect([50.51, 51.49, 51.51].map((forecast) => wasNearest(grid, forecast, 51))).toEqual([
      true,
      true,
      false,
    ]);
    expect(wasNearest(gridOf([19, 19]), 18.9, 19)).toBe(false);
  });

  it('a value within half a step of a forecast that rounds to another was not the nearest', () => {
    expect(wasNearest({ origin: 0, step: 2 }, 4.3, 5)).toBe(false);
  });
});
