import { afterAll, beforeAll, expect, test } from 'vitest';
import { dynamodbConfigOf } from '../../../infra/local/environment.ts';
import { nonIdempotentClient, retryingClient } from '../../../shared/simulation/dynamodb.ts';
import { openSimulationStore } from '../../../shared/simulation/store.ts';
import { type RunningSystem, startSystem } from '../../support/system.ts';
import { openViewer } from '../../support/viewer.ts';

let system: RunningSystem;
beforeAll(async () => {
  system = await startSystem({ days: 1 });
});
afterAll(() => system?.stop());

test('a change of the table made outside the host is shown, though nothing notifies the viewers', async () => {
  const { url, names, addresses } = system;
  const config = dynamodbConfigOf(addresses);
  const store = openSimulationStore({
    tableName: names.table,
    client: retryingClient(config),
    incrementClient: nonIdempotentClient(config),
  });
  const viewer = await openViewer(url);
  await viewer.until(({ statuses }) => statuses.length > 0);
  // It invokes no function either: a run before its first day publishes nothing.
  await store.reset();
  await viewer.until(({ statuses }) => statuses.at(-1)?.run_id !== statuses[0]?.run_id);
  expect(viewer.resets).toBe(1);
  viewer.close();
});
