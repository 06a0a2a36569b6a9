import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Proof } from '../../../../functions/system/proof.ts';
import { eventually } from '../../../support/eventually.ts';
import { fetchPatiently } from '../../../support/http-client.ts';
import { type RunningSystem, startSystem } from '../../../support/system.ts';

let system: RunningSystem;
beforeAll(async () => {
  system = await startSystem({ days: 10 });
});
afterAll(() => system.stop());

async function proof(): Promise<Proof> {
  const response = await fetchPatiently(`${system.url}/proof`);
  expect(response.status).toBe(200);
  return response.json();
}

const CLEAN = { under_way: 0, lost: 0, doubled: 0 };

it('the proof follows a run from its first day to a reset, and sees a row that is removed or repeated', async () => {
  expect(await proof()).toMatchObject({ accepted_days: 0, published: 0, stored: 0, ...CLEAN });
  await fetchPatiently(`${system.url}/simulation/next-day?days=7`, { method: 'POST' });
  const complete = await eventually(async () => {
    const figures = await proof();
    expect(figures).toMatchObject({ accepted_days: 7, published: 700, verified_days: 7, ...CLEAN });
    return figures;
  });
  expect(complete).toMatchObject({ stored: 700, distinct: 700 });

  await system.pool.query(
    `INSERT INTO kafka_events (event_id, run_id, day_index, store_id, product_id, date, units_sold, price, discount,
                               is_holiday_promo, weather, category, region, day_total)
     SELECT ?, run_id, day_index, store_id, product_id, date, units_sold, price, discount,
            is_holiday_promo, weather, category, region, day_total
       FROM kafka_events WHERE run_id = ? LIMIT 1`,
    [randomUUID(), complete.run_id],
  );
  expect(await proof()).toMatchObject({ stored: 701, distinct: 700, lost: 0, doubled: 1 });

  await fetchPatiently(`${system.url}/simulation/reset`, { method: 'POST' });
  await fetchPatiently(`${system.url}/simulation/next-day`, { method: 'POST' });
  const next = await eventually(async () => {
    const figures = await proof();
    expect(figures).toMatchObject({ accepted_days: 1, stored: 100, verified_days: 1, ...CLEAN });
    return figures;
  });
  expect(next.run_id).not.toBe(complete.run_id);

  // Before the next request looks: what was counted before is remembered.
  await fetchPatiently(`${system.url}/simulation/next-day`, { method: 'POST' });
  await eventually(async () => {
    const [rows] = await system.pool.query('SELECT COUNT(*) AS total FROM kafka_events WHERE run_id = ?', [
      next.run_id,
    ]);
    expect(rows).toEqual([{ total: 200 }]);
  });
  await system.pool.query('DELETE FROM kafka_events WHERE run_id = ? AND day_index = 1 LIMIT 1', [
    next.run_id,
  ]);
  await eventually(async () => {
    expect(await proof()).toMatchObject({ published: 200, stored: 199, under_way: 0, lost: 1, doubled: 0 });
  });
}, 300_000);
