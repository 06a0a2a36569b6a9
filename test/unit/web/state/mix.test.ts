import { expect, test } from 'vitest';
import { mixOf } from '../../../../web/state/mix.ts';
import { cellKey, type SumsByKey } from '../../../../web/state/sums.ts';

const NET = { units: 1, listCents: 0 };
const sums = (cells: readonly (readonly [category: string, region: string, netCents: number])[]): SumsByKey =>
  new Map(cells.map(([category, region, netCents]) => [cellKey(category, region), { ...NET, netCents }]));
const run = sums([
  ['Toys', 'North', 400],
  ['Food', 'North', 1_200],
  ['Toys', 'South', 100],
  ['Food', 'South', 300],
]);

test('the mix of a region does not depend on how many stores it has', () => {
  const mix = mixOf(run, run, (category, region) => [category, region]);
  expect(mix.map(({ ofDay, ofRun }) => [ofDay, ofRun])).toEqual([
    [0.25, 0.25],
    [0.75, 0.75],
    [0.25, 0.25],
    [0.75, 0.75],
  ]);
});

test('the mix of a day is held against that of the run, and a region without sales on the day has none', () => {
  const mix = mixOf(sums([['Toys', 'North', 50]]), run, (category, region) => [category, region]);
  expect(mix).toEqual([
    { row: 'Toys', column: 'North', netCents: 50, ofDay: 1, ofRun: 0.25 },
    { row: 'Food', column: 'North', netCents: 0, ofDay: 0, ofRun: 0.75 },
    { row: 'Toys', column: 'South', netCents: 0, ofDay: null, ofRun: 0.25 },
    { row: 'Food', column: 'South', netCents: 0, ofDay: null, ofRun: 0.75 },
  ]);
});

test('cells that are given the same names are added up, and those without names are left out', () => {
  const mix = mixOf(run, run, (category, region) => (region === 'South' ? null : [category, 'All']));
  expect(mix.map(({ row, column, netCents }) => [row, column, netCents])).toEqual([
    ['Toys', 'All', 400],
    ['Food', 'All', 1_200],
  ]);
  expect(mixOf(new Map(), new Map(), () => ['a', 'b'])).toEqual([]);
});
