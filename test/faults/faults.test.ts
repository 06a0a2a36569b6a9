import { afterAll, beforeAll, describe, test } from 'vitest';
import type { ServerName } from '../../infra/local/servers/addresses.ts';
import { runCampaign } from './campaign.ts';
import { brokenBatches } from './cases/broken-batches.ts';
import { deliveries } from './cases/deliveries.ts';
import { frozenSteps, steps } from './cases/frozen-steps.ts';
import { fullDisk } from './cases/full-disk.ts';
import { killedHost } from './cases/killed-host.ts';
import { type OutageCase, outageCases } from './cases/outages.ts';
import { type FaultEnvironment, openFaultEnvironment } from './environment.ts';
import { openScenario, type Scenario } from './scenario.ts';
import { isTotal, type Outage, outages, serverNames } from './server-faults.ts';
import { settings } from './settings.ts';
import { mountSmallDisk } from './small-disk.ts';

/** Short outages, one of each kind, show the same. */
const SHORT_MS = 1_500;
const shortOutages: OutageCase[] = [
  { server: 'mysql', outage: 'frozen', milliseconds: SHORT_MS },
  { server: 'kafka', outage: 'killed', milliseconds: SHORT_MS },
  { server: 'dynamodb', outage: 'away', milliseconds: SHORT_MS },
];
const longOutages: OutageCase[] = serverNames.flatMap((server) =>
  outages.map((outage) => ({ server, outage, milliseconds: longOf(server, outage) })),
);

/** Ten seconds by default. A publication fails after 15 s and a batch after 20 s, so those outages last longer. */
function longOf(server: ServerName, outage: Outage): number {
  if (server === 'mysql' && outage === 'frozen') return 25_000;
  return server === 'kafka' && isTotal(outage) ? 20_000 : 10_000;
}

describe('the fault campaign', () => {
  let environment: FaultEnvironment;
  let scenario: Scenario;
  beforeAll(async () => {
    environment = await openFaultEnvironment();
    scenario = await openScenario(environment);
  }, 600_000);
  afterAll(async () => {
    await scenario?.close();
    await environment?.close();
  });

  killedHost(() => scenario);
  deliveries(() => scenario);
  brokenBatches(() => scenario);
  frozenSteps(() => scenario, settings.isLong ? steps : ['consumer']);
  outageCases(() => scenario, settings.isLong ? longOutages : shortOutages);

  test(
    'a random schedule of faults loses and doubles nothing',
    { timeout: 60_000 + settings.rounds * 600_000 },
    () => runCampaign(scenario, { ...settings, say: (line) => process.stdout.write(`${line}\n`) }),
  );
});

// Not registered where no disk can be mounted: a skipped test counts as a failed one.
const disk = settings.isLong ? mountSmallDisk() : null;
if (disk) {
  // Here, because a filter by name may leave the case and its own hooks out.
  afterAll(() => disk.unmount());
  fullDisk(disk);
} else if (settings.isLong)
  process.stdout.write('No small file system can be mounted here, so the full-disk case does not run.\n');
