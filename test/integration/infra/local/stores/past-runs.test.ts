import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { storeBatch, WRITER_SESSION } from '../../../../../functions/consumer/event-writer.ts';
import { prunePastRuns } from '../../../../../infra/local/stores/past-runs.ts';
import { type Pool, select } from '../../../../../shared/mysql/connection.ts';
import type { SimulationStore } from '../../../../../shared/simulation/store.ts';
import { saleEvent } from '../../../../support/sale-events.ts';
import { freshDatabase, freshStore } from '../../../../support/stores.ts';

let pool: Pool;
let store: SimulationStore;
beforeAll(async () => {
  const [database, simulation] = await Promise.all([freshDatabase(), freshStore()]);
  pool = database.open({ multipleStatements: true, session: WRITER_SESSION });
  store = simulation;
});
afterAll(() => pool.end());

async function storeRun(runId: string, events: number): Promise<void> {
  const sales = Array.from({ length: events }, (_, index) => ({
    event: saleEvent({ run_id: runId, product_id: `P${index}` }),
    traceId: null,
  }));
  await storeBatch(pool, { events: sales, deadLetters: [] });
}

async function runsLeft(): Promise<string[]> {
  const sql = 'SELECT run_id FROM kafka_events GROUP BY run_id ORDER BY MIN(id)';
  return (await select<{ run_id: string }>(pool, sql)).map(({ run_id }) => run_id);
}

test('past runs are deleted oldest first, but neither the current run nor an unfinished one', async () => {
  await store.register({ dates: ['2022-01-01'] });
  const unfinished = (await store.readState())?.runId ?? '';
  await store.reset();
  const current = (await store.readState())?.runId ?? '';
  const [oldest, newest] = [randomUUID(), randomUUID()];
  await storeRun(unfinished, 1);
  // Deleting takes more than one statement.
  await storeRun(oldest, 6_000);
  await storeRun(newest, 2);
  await storeRun(current, 3);

  expect(await prunePastRuns(pool, store, 1)).toEqual({
    deleted: [{ runId: oldest, events: 6_000 }],
    kept: 1,
  });
  expect(await runsLeft()).toEqual([unfinished, newest, current]);

  expect(await prunePastRuns(pool, store, 0)).toEqual({ deleted: [{ runId: newest, events: 2 }], kept: 0 });
  expect(await prunePastRuns(pool, store, 0)).toEqual({ deleted: [], kept: 0 });
  expect(await runsLeft()).toEqual([unfinished, current]);
});
