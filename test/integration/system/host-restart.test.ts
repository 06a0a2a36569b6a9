import { afterAll, beforeAll, expect, test } from 'vitest';
import { select } from '../../../shared/mysql/connection.ts';
import { eventually } from '../../support/eventually.ts';
import { fetchPatiently } from '../../support/http-client.ts';
import { expectedEventIds, storedEvents } from '../../support/sets.ts';
import { type RunningSystem, startSystem } from '../../support/system.ts';

/** The deployed functions, hosted in a process that is killed. */
const DAYS = 12;

let system: RunningSystem;
let dates: string[];

beforeAll(async () => {
  system = await startSystem({ days: DAYS, ownProcess: true });
  const rows = await select<{ date: string }>(system.pool, 'SELECT date FROM calendar ORDER BY date');
  dates = rows.map(({ date }) => date);
});
afterAll(() => system?.stop());

const click = () => fetchPatiently(`${system.url}/simulation/next-day`, { method: 'POST' });
const status = async () => (await fetchPatiently(`${system.url}/simulation/status`)).json();

async function expectAllStored(runId: string, days: number): Promise<void> {
  await eventually(async () => expect(await storedEvents(system.pool, runId)).toHaveLength(days * 100));
  const ids = (await storedEvents(system.pool, runId)).map(({ event_id }) => event_id);
  expect(new Set(ids)).toEqual(await expectedEventIds(system.pool, runId, dates, days - 1));
}

test('a host that is killed at any moment of a day neither loses nor duplicates sales', async () => {
  const { run_id: runId } = await status();
  let accepted = 0;
  for (const moment of [0, 20, 80]) {
    for (let i = 0; i < 2; i += 1) accepted += (await click()).status === 200 ? 1 : 0;
    await new Promise((resolve) => setTimeout(resolve, moment));
    await system.kill();
    await system.restart();
    expect(await status()).toMatchObject({ run_id: runId, day_index: accepted - 1 });
  }
  await expectAllStored(runId, accepted);
}, 300_000);
