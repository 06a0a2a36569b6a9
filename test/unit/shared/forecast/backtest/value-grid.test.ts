import { describe, expect, it } from 'vitest';
import { gridOf, nearestValue, wasNearest } from '../../../../../shared/forecast/backtest/value-grid.ts';

describe('gridOf', () => {
  it('the grid of a series is its smallest difference, from its smallest value on', () => {
    expect(gridOf([9, 3, 3, 7])).toEqual({ origin: 3, step: 2 });
    expect(gridOf([0.5, 2, 1.25])).toEqual({ origin: 0.5, step: 0.75 });
  });

  it('a series that never changed has no step, and neither has one without days', () => {
    expect(gridOf([19, 19, 19]).step).toBe(0);
    expect(gridOf([])).toEqual({ origin: 0, step: 0 });
  });
});

describe('nearestValue', () => {
  it('the nearest value of a grid lies on it, beyond the values that the series had too', () => {
    const grid = gridOf([51, 53, 57]);
    expect([50.7, 51.9, 52.1, 60].map((units) => nearestValue(grid, units))).toEqual([51, 51, 53, 61]);
  });

  it('the nearest value of a series that never changed is the forecast itself', () => {
    expect(nearestValue(gridOf([19, 19]), 18.7)).toBe(18.7);
  });
});

describe('wasNearest', () => {
  it('an actual value was the nearest if the forecast erred by less than half a step', () => {
    const grid = gridOf([50, 51, 52]);
    expect([0.49, -0.49, 0.51].map((error) => wasNearest(grid, error))).toEqual([true, true, false]);
    expect(wasNearest(gridOf([19, 19]), 0.1)).toBe(false);
  });
});
