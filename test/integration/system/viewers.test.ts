import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningSystem, startSystem } from '../../support/system.ts';
import { viewerCampaign } from '../../viewers/campaign.ts';

/** Kept small: `npm run rtm -- test:viewers` does the same with a thousand. */
const VIEWERS = 120;

let system: RunningSystem;
beforeAll(async () => {
  system = await startSystem({ days: 20, ownProcess: true });
});
afterAll(() => system?.stop());

test('viewers that disconnect, stall and return while runs are replaced end up with exactly the current run', async () => {
  const { complaints, counts, events } = await viewerCampaign({
    url: system.url,
    pool: system.pool,
    seed: 1,
    viewers: VIEWERS,
    runs: 3,
    days: 15,
    settleWithinMs: 240_000,
  });
  expect(complaints).toEqual([]);
  expect(events).toBe(1_500);
  expect(counts.refused).toBe(0);
  expect(counts.broken).toBeGreaterThan(VIEWERS);
  expect(counts.stalls).toBeGreaterThan(VIEWERS / 4);
}, 900_000);
