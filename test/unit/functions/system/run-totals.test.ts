import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type PairTotals,
  type RunEvents,
  runFigures,
  runTotalsReader,
} from '../../../../functions/system/run-totals.ts';

interface Row {
  readonly run: string;
  readonly id: number;
  readonly at: number;
  readonly store_id: string;
  readonly product_id: string;
  readonly units: number;
  readonly price_cents: number;
}

/** An append-only database and its clock. */
function memoryDatabase() {
  const rows: Row[] = [];
  const asked: [after: number, upTo: number][] = [];
  let now = 0;
  const within = (run: string, after: number, upTo: number) =>
    rows.filter((row) => row.run === run && row.id > after && row.id <= upTo);
  const events: RunEvents = {
    head: async (run) => ({ id: Math.max(0, ...within(run, 0, Infinity).map(({ id }) => id)), now }),
    async totals(run, after, upTo) {
      asked.push([after, upTo]);
      const pairs = Map.groupBy(within(run, after, upTo), (row) => `${row.store_id} ${row.product_id}`);
      return [...pairs.values()].flatMap(totalsOf);
    },
    storedSince: async (run, after, upTo, since) =>
      within(run, after, upTo)
        .filter(({ at }) => at >= since)
        .map(({ at }) => ({ at, events: 1 })),
  };
  return {
    events,
    asked,
    add(row: Omit<Row, 'id' | 'at'>, age: number) {
      rows.push({ ...row, id: rows.length + 1, at: now - age });
    },
    wait(milliseconds: number) {
      now += milliseconds;
    },
  };
}

function totalsOf(rows: readonly Row[]): PairTotals[] {
  const [first] = rows;
  if (!first) return [];
  const sum = (figure: (row: Row) => number) => rows.reduce((total, row) => total + figure(row), 0);
  return [
    {
      store_id: first.store_id,
      product_id: first.product_id,
      events: rows.length,
      units: sum(({ units }) => units),
      revenue_cents: sum(({ units, price_cents }) => units * price_cents),
    },
  ];
}

const row = fc.record({
  run: fc.constantFrom('one', 'two'),
  store_id: fc.constantFrom('S1', 'S2'),
  product_id: fc.constantFrom('P1', 'P2', 'P3'),
  units: fc.nat(500),
  price_cents: fc.nat(10_000),
});
const step = fc.oneof(
  // Ids are in the order of commits; the clocks of the statements before them needn't be.
  fc.record({ add: fc.array(fc.tuple(row, fc.nat(5_000)), { maxLength: 5 }) }),
  fc.record({ wait: fc.nat(40_000) }),
  fc.record({ read: fc.constantFrom('one', 'two') }),
);

test('incrementally read totals equal those of a full read, whatever was stored meanwhile, for any run', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const database = memoryDatabase();
      const read = runTotalsReader(database.events);
      const agrees = async (run: string) =>
        expect(runFigures(await read(run))).toEqual(runFigures(await runTotalsReader(database.events)(run)));
      for (const step of steps) {
        if ('add' in step) for (const [row, age] of step.add) database.add(row, age);
        else if ('wait' in step) database.wait(step.wait);
        else await agrees(step.read);
      }
      await agrees('one');
    }),
  );
});

test('two concurrent reads count nothing twice', async () => {
  const database = memoryDatabase();
  const sale = { run: 'one', store_id: 'S1', product_id: 'P1', units: 2, price_cents: 150 };
  const read = runTotalsReader(database.events);
  database.add(sale, 0);
  await read('one');
  database.add(sale, 0);
  const expected = { pairs: [{ events: 2, units: 4, revenue_cents: 600 }], eventsLast60s: 2 };
  for (const totals of await Promise.all([read('one'), read('one')])) expect(totals).toMatchObject(expected);
  expect(await read('one')).toMatchObject(expected);
});

test('every event is read once, and none is read while nothing is new', async () => {
  const database = memoryDatabase();
  const read = runTotalsReader(database.events);
  const sale = { run: 'one', store_id: 'S1', product_id: 'P1', units: 1, price_cents: 1 };
  for (const count of [3, 0, 2]) {
    for (let i = 0; i < count; i += 1) database.add(sale, 0);
    await read('one');
  }
  expect(database.asked).toEqual([
    [0, 3],
    [3, 5],
  ]);
});
