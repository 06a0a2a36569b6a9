import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { argsort, sortIndices } from '../../../../../shared/forecast/tpe/introsort.ts';

const recorded = z
  .array(z.tuple([z.array(z.number()), z.array(z.number())]))
  .parse(
    JSON.parse(readFileSync(new URL('../../../../golden/optuna/argsort.json', import.meta.url), 'utf8')),
  );

const manyTies = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 300 });

describe('argsort', () => {
  it.each(recorded.map(([values, order]) => [values.length, values, order] as const))(
    'orders %i values with ties as numpy does',
    (_, values, order) => {
      expect([...argsort(values)]).toEqual(order);
    },
  );

  it('argsort returns an ascending permutation', () => {
    fc.assert(
      fc.property(manyTies, (values) => {
        const order = [...argsort(values)];
        expect(order.map((index) => values[index])).toEqual([...values].sort((a, b) => a - b));
        expect(new Set(order).size).toBe(values.length);
      }),
    );
  });

  it('argsort falls back to heapsort when no depth is left and still sorts', () => {
    fc.assert(
      fc.property(manyTies, (values) => {
        const order = Int32Array.from(values.keys());
        sortIndices(values, order, -1);
        expect([...order].map((index) => values[index])).toEqual([...values].sort((a, b) => a - b));
      }),
    );
  });
});
