import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Proof, proofReader, type StoredProof } from '../../../../functions/system/proof.ts';
import { requestLogOf } from '../../../../shared/http/request-log.ts';
import { newTraceparent } from '../../../../shared/observability/logger.ts';
import { saleEventId } from '../../../../shared/publication/sale-events.ts';
import type { DayProgress } from '../../../../shared/simulation/state.ts';
import { recordingLog } from '../../../support/api-events.ts';
import { memorySimulationStore } from '../../../support/memory-simulation-store.ts';

const DATES = ['2022-01-01', '2022-01-02', '2022-01-03', '2022-01-04'];
const CLICK = { requestedAt: '2026-01-01T00:00:00.000Z', traceparent: '' };
const SALES = ['P1', 'P2', 'P3'].map((product_id) => ({ store_id: 'S1', product_id }));

/** A run whose days are published, stored and lost as a test wants. */
async function fakeRun(idsPerRequest?: number) {
  const store = memorySimulationStore();
  await store.register({ dates: DATES });
  const runId = (await store.readState())?.runId ?? '';
  const days: DayProgress[] = [];
  const rows: { id: number; day_index: number; event_id: string }[] = [];
  const asked: number[][] = [];
  let lag: number | Error = 0;
  /** What happens between the count of the rows and the reading of their ids. */
  let beforeIds = () => {};
  const proof: StoredProof = {
    async storedCounts(_, after) {
      const byDay = Map.groupBy(
        rows.filter(({ id }) => id > after),
        ({ day_index }) => day_index,
      );
      return [...byDay].map(([day_index, added]) => ({
        day_index,
        events: added.length,
        last_id: Math.max(...added.map(({ id }) => id)),
      }));
    },
    async storedIds(_, indexes, lastId) {
      asked.push([...indexes]);
      beforeIds();
      return rows.filter(({ id, day_index }) => id <= lastId && indexes.includes(day_index));
    },
    salesOf: async (dates) => dates.flatMap((date) => SALES.map((sale) => ({ date, ...sale }))),
  };
  const read = proofReader(
    {
      store: {
        readState: () => store.readState(),
        readDays: async (_, from = 0) => days.filter(({ dayIndex }) => dayIndex >= from),
      },
      consumerLag: async () => {
        if (lag instanceof Error) throw lag;
        return { total: lag, partitions: [] };
      },
      proof,
    },
    idsPerRequest,
  );
  const log = requestLogOf(recordingLog().log, newTraceparent());
  const idOf = (dayIndex: number, product_id: string) =>
    saleEventId({ run_id: runId, date: DATES[dayIndex] ?? '', store_id: 'S1', product_id });
  return {
    asked,
    runId,
    read: (): Promise<Proof> => read(log),
    whileCounted: (happens: () => void) => {
      beforeIds = happens;
    },
    setLag: (value: number | Error) => {
      lag = value;
    },
    accept: (count: number) => store.advanceDays(count, CLICK),
    publish: (dayIndex: number) =>
      days.push({
        ...{ dayIndex, date: DATES[dayIndex] ?? '', dayTotal: SALES.length, dayReceived: 0 },
        ...{ requestedAt: null, pickedUpAt: null, publishedAt: CLICK.requestedAt },
        ...{ publishedAgainAt: null, completedAt: null },
      }),
    store: (dayIndex: number, ...products: string[]) => {
      for (const product of products) {
        rows.push({ id: rows.length + 1, day_index: dayIndex, event_id: idOf(dayIndex, product) });
      }
    },
    storeForeign: (dayIndex: number) =>
      rows.push({ id: rows.length + 1, day_index: dayIndex, event_id: crypto.randomUUID() }),
  };
}

const all = ['P1', 'P2', 'P3'];

it('a run whose published sales are all stored once has lost and doubled nothing', async () => {
  const run = await fakeRun();
  await run.accept(2);
  for (const day of [0, 1]) {
    run.publish(day);
    run.store(day, ...all);
  }
  expect(await run.read()).toEqual({
    ...{ run_id: run.runId, accepted_days: 2, published: 6, stored: 6, distinct: 6 },
    ...{ under_way: 0, lost: 0, doubled: 0, verified_days: 2 },
  });
});

it('missing sales are under way while the consumer is behind or unknown, and lost when it is not', async () => {
  const run = await fakeRun();
  await run.accept(1);
  run.publish(0);
  run.store(0, 'P1');
  run.setLag(2);
  expect(await run.read()).toMatchObject({ published: 3, stored: 1, under_way: 2, lost: 0 });
  run.setLag(new Error('no broker'));
  expect(await run.read()).toMatchObject({ under_way: 2, lost: 0 });
  run.setLag(0);
  expect(await run.read()).toMatchObject({ under_way: 0, lost: 2, doubled: 0 });
  run.store(0, 'P2', 'P3');
  expect(await run.read()).toMatchObject({ lost: 0, distinct: 3, verified_days: 1 });
});

it('a row that no published sale accounts for is doubled, and hides no loss', async () => {
  const run = await fakeRun();
  await run.accept(1);
  run.publish(0);
  run.store(0, 'P1', 'P2');
  run.storeForeign(0);
  expect(await run.read()).toMatchObject({ stored: 3, distinct: 2, lost: 1, doubled: 1 });
});

it('a row that comes after its day was verified is noticed', async () => {
  const run = await fakeRun();
  await run.accept(1);
  run.publish(0);
  run.store(0, ...all);
  expect(await run.read()).toMatchObject({ doubled: 0, verified_days: 1 });
  run.store(0, 'P1');
  expect(await run.read()).toMatchObject({ stored: 4, distinct: 3, lost: 0, doubled: 1 });
});

it('a row that is stored while the others are compared counts from the next request on', async () => {
  const run = await fakeRun();
  await run.accept(1);
  run.publish(0);
  run.store(0, 'P1');
  run.whileCounted(() => run.store(0, 'P2'));
  expect(await run.read()).toMatchObject({ stored: 1, distinct: 1, doubled: 0 });
  run.whileCounted(() => {});
  expect(await run.read()).toMatchObject({ stored: 2, distinct: 2, doubled: 0 });
});

it('a day that the ledger lists after a later one is proved, too', async () => {
  const run = await fakeRun();
  await run.accept(2);
  run.publish(1);
  run.store(0, 'P1');
  run.store(1, ...all);
  await run.read();
  run.publish(0);
  expect(await run.read()).toMatchObject({ published: 6, stored: 4, lost: 2, verified_days: 2 });
});

it('days of which nothing is stored yet are not verified', async () => {
  const run = await fakeRun();
  await run.accept(1);
  run.publish(0);
  run.setLag(3);
  expect(await run.read()).toMatchObject({ published: 3, stored: 0, under_way: 3, verified_days: 0 });
});

it('a sale that is stored before the ledger lists its day counts as published', async () => {
  const run = await fakeRun();
  await run.accept(1);
  run.store(0, 'P1');
  expect(await run.read()).toMatchObject({ published: 1, stored: 1, lost: 0, doubled: 0, verified_days: 0 });
});

it('a complete day is compared once, and many days over several requests', async () => {
  const run = await fakeRun(SALES.length * 2);
  await run.accept(4);
  for (const day of [0, 1, 2]) {
    run.publish(day);
    run.store(day, ...all);
  }
  expect(await run.read()).toMatchObject({ distinct: 9, verified_days: 2 });
  expect(await run.read()).toMatchObject({ distinct: 9, verified_days: 3 });
  await run.read();
  expect(run.asked).toEqual([[0, 1], [2]]);
});

it('before the first init there is nothing to prove', async () => {
  const log = requestLogOf(recordingLog().log, newTraceparent());
  const store = { readState: async () => null, readDays: async () => [] };
  const proof = { storedCounts: async () => [], storedIds: async () => [], salesOf: async () => [] };
  const consumerLag = async () => ({ total: 0, partitions: [] });
  expect(await proofReader({ store, consumerLag, proof })(log)).toMatchObject({ run_id: null, published: 0 });
});

it('the counts are right after every step of any history, without lag', async () => {
  const step = fc.record({ day: fc.nat(3), product: fc.constantFrom(...all, 'foreign') });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), fc.nat(4), async (steps, publishedDays) => {
      const run = await fakeRun(1);
      await run.accept(4);
      for (let day = 0; day < publishedDays; day += 1) run.publish(day);
      const stored: string[] = [];
      for (const { day, product } of steps.filter((each) => each.day < publishedDays)) {
        if (product === 'foreign') run.storeForeign(day);
        else run.store(day, product);
        stored.push(product === 'foreign' ? `foreign ${stored.length}` : `${day} ${product}`);
        await run.read();
      }
      // One day is compared per request.
      for (let request = 0; request < 4; request += 1) await run.read();
      const distinct = new Set(stored.filter((name) => !name.startsWith('foreign'))).size;
      expect(await run.read()).toMatchObject({
        published: publishedDays * 3,
        stored: stored.length,
        distinct,
        lost: publishedDays * 3 - distinct,
        doubled: stored.length - distinct,
      });
    }),
  );
});
