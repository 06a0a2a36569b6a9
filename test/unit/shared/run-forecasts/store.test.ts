import { expect, test } from 'vitest';
import { batchesOf } from '../../../../shared/run-forecasts/store.ts';

test('evenings are inserted in batches of limited bytes, in their order, and a longer one alone', () => {
  const rows = [['aaaa'], ['bbb', 1], ['ëë'], ['x'.repeat(20)], ['c', null]];
  expect(batchesOf(rows, 8)).toEqual([[['aaaa'], ['bbb', 1]], [['ëë']], [['x'.repeat(20)]], [['c', null]]]);
  expect(batchesOf([], 8)).toEqual([]);
});
