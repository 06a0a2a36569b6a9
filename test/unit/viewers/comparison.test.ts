import { expect, test } from 'vitest';
import { saleEventId } from '../../../shared/publication/sale-events.ts';
import { complaintsOfData, complaintsOfStored, complaintsOfViewer } from '../../viewers/comparison.ts';
import { type Memory, openNotebook } from '../../viewers/notebook.ts';
import { viewerPlan } from '../../viewers/plan.ts';

const runs = new Map([
  [1, [1, 2, 3, 4]],
  [7, [7, 8, 9]],
]);
const current = [7, 8, 9];

/** What a viewer remembers who saw some ids, with a reset before each further list. */
function memoryOf(...lists: number[][]): Memory {
  const memory = openNotebook().memory();
  for (const [index, ids] of lists.entries()) {
    if (index > 0) memory.startOver();
    for (const id of ids) memory.sale(id, '{}');
  }
  return memory;
}

test('a viewer who has the run, and had the beginning of an earlier one, is right', () => {
  expect(complaintsOfViewer(memoryOf(current), current, runs)).toEqual([]);
  expect(complaintsOfViewer(memoryOf([], [1, 2], [], [7, 8], current), current, runs)).toEqual([]);
});

test.each([
  ['a sale is missing', [[7, 9]]],
  ['the last sale is missing', [[7, 8]]],
  ['a sale came twice', [[7, 8, 8, 9]]],
  ['sales came in another order', [[8, 7, 9]]],
  ['a sale of another run came', [[4, 7, 8, 9]]],
  ['sales before a reset had a gap', [[1, 3], current]],
  ['sales before a reset began in the midst', [[2, 3], current]],
])('a viewer is found out if %s', (_what, lists) => {
  expect(complaintsOfViewer(memoryOf(...lists), current, runs)).toHaveLength(1);
});

const RUN = 'b5a0f8f2-4d7c-4c0f-8f0d-6d0f0a5a2c11';
const sale = (day: number) => ({ date: `2022-01-0${day + 1}`, store_id: 'S001', product_id: 'P0001' });
const stored = (id: number, day: number) => ({
  id,
  day_index: day,
  event_id: saleEventId({ run_id: RUN, ...sale(day) }),
  trace_id: null,
  ...sale(day),
});
const record = (rows: ReturnType<typeof stored>[], days: number) => ({
  runId: RUN,
  stored: rows,
  expected: new Set(Array.from({ length: days }, (_, day) => stored(0, day).event_id)),
});

test.each([
  ['nothing', record([stored(1, 0), stored(2, 1)], 2), 0],
  ['a lost event', record([stored(1, 0)], 2), 1],
  ['a doubled event, which its key shows as well', record([stored(1, 0), stored(2, 0)], 1), 2],
  ['a foreign event', record([stored(1, 0), stored(2, 1)], 1), 1],
  ['days of a key in another order', record([stored(1, 1), stored(2, 0)], 2), 1],
])('of a stored run is said: %s', (_what, run, complaints) => {
  expect(complaintsOfStored(run)).toHaveLength(complaints);
});

test('data that is another event than the stored one, or not the same for all, is found out', () => {
  const notebook = openNotebook();
  const [one, other] = [notebook.memory(), notebook.memory()];
  one.sale(1, JSON.stringify(sale(0)));
  other.sale(1, JSON.stringify(sale(0)));
  expect(complaintsOfData(record([stored(1, 0)], 1), notebook)).toEqual([]);
  expect(complaintsOfData(record([stored(1, 1)], 1), notebook)).toHaveLength(1);
  other.sale(1, JSON.stringify({ ...sale(0), units_sold: 5 }));
  expect(complaintsOfData(record([stored(1, 0)], 1), notebook)).toHaveLength(1);
});

test('a seed replays what a viewer does, and each viewer does something else', () => {
  const restlessness = { sales: 100, withinMs: 1_000, awayMs: 100, stallMs: 100 };
  const steps = (seed: number, viewer: number) => {
    const plan = viewerPlan(seed, viewer, restlessness);
    return Array.from({ length: 20 }, () => plan.next().value);
  };
  expect(steps(1, 5)).toEqual(steps(1, 5));
  expect(steps(1, 5)).not.toEqual(steps(1, 6));
  expect(steps(1, 5)).not.toEqual(steps(2, 5));
});
