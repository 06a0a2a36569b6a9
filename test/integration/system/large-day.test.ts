import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SimulationStatus } from '../../../shared/api/simulation.ts';
import { growthDataset } from '../../support/growth-dataset.ts';
import { fetchPatiently } from '../../support/http-client.ts';
import { expectedEventIds, keysOutOfOrder, storedEvents } from '../../support/sets.ts';
import { type RunningSystem, startSystem } from '../../support/system.ts';
import { openViewer } from '../../support/viewer.ts';

/** More than a broker accepts as one batch of a partition: 10 MB a day over six partitions. */
const STORES = 100;
const PRODUCTS = 200;
const PER_DAY = STORES * PRODUCTS;

let system: RunningSystem;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'large-day-'));
  const dataset = join(directory, 'large.csv');
  await writeFile(dataset, growthDataset({ days: 2, stores: STORES, products: PRODUCTS }));
  system = await startSystem({ dataset });
}, 300_000);
afterAll(async () => {
  await system?.stop();
  await rm(directory, { recursive: true, force: true });
});

test('days of 20,000 sales reach MySQL and a viewer, each sale once and in order', async () => {
  const post = (path: string) => fetchPatiently(`${system.url}${path}`, { method: 'POST' });
  const status = async () =>
    (await (await fetchPatiently(`${system.url}/simulation/status`)).json()) as SimulationStatus;
  const viewer = await openViewer(system.url);
  await viewer.until(({ statuses }) => statuses.length > 0);
  await post('/simulation/next-day');
  await viewer.until(({ sales }) => sales.length >= PER_DAY);
  await post('/simulation/next-day');
  await viewer.until(({ sales }) => sales.length >= 2 * PER_DAY);
  viewer.close();
  await expect.poll(status).toMatchObject({ is_complete: true, day_total: PER_DAY, day_received: PER_DAY });

  const { run_id } = await status();
  const stored = await storedEvents(system.pool, run_id ?? '');
  expect(stored).toHaveLength(2 * PER_DAY);
  expect(keysOutOfOrder(stored)).toEqual([]);
  expect(new Set(stored.map(({ event_id }) => event_id))).toEqual(
    await expectedEventIds(system.pool, run_id ?? '', ['2010-01-01', '2010-01-02'], 1),
  );
  expect(viewer.sales.map(({ id }) => id)).toEqual(stored.map(({ id }) => id));
}, 300_000);
