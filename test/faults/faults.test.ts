import { afterAll, beforeAll, describe, test } from 'vitest';
import type { ServerName } from '../../infra/local/servers/addresses.ts';
import { runCampaign } from './campaign.ts';
import { deliveries } from './cases/deliveries.ts';
import { fullDisk } from './cases/full-disk.ts';
import { killedHost } from './cases/killed-host.ts';
import { type OutageCase, outageCases } from './cases/outages.ts';
import { type Arena, openArena } from './environment.ts';
import { openPlay, type Play } from './scenario.ts';
import { isTotal, type Outage, outages, serverNames } from './server-faults.ts';
import { settings } from './settings.ts';
import { mountSmallDisk } from './small-disk.ts';

/** Short ones mean the same, and each kind is there once. */
const SHORT_MS = 1_500;
const shortOutages: OutageCase[] = [
  { server: 'mysql', outage: 'frozen', milliseconds: SHORT_MS },
  { server: 'kafka', outage: 'killed', milliseconds: SHORT_MS },
  { server: 'dynamodb', outage: 'away', milliseconds: SHORT_MS },
];
const longOutages: OutageCase[] = serverNames.flatMap((server) =>
  outages.map((outage) => ({ server, outage, milliseconds: longOf(server, outage) })),
);

/** Ten seconds are asked for. A publication fails after 15 s, a batch after 20 s: what is slower to fail has to last longer. */
function longOf(server: ServerName, outage: Outage): number {
  if (server === 'mysql' && outage === 'frozen') return 25_000;
  return server === 'kafka' && isTotal(outage) ? 20_000 : 10_000;
}

describe('a system of its own', () => {
  let arena: Arena;
  let play: Play;
  beforeAll(async () => {
    arena = await openArena();
    play = await openPlay(arena);
  }, 600_000);
  afterAll(async () => {
    await play?.close();
    await arena?.close();
  });

  killedHost(() => play);
  deliveries(() => play);
  outageCases(() => play, settings.isLong ? longOutages : shortOutages);

  test('survives a random schedule of faults', { timeout: 60_000 + settings.rounds * 600_000 }, () =>
    runCampaign(play, { ...settings, say: (line) => process.stdout.write(`${line}\n`) }),
  );
});

// Not registered where it can't be had, for a skipped test counts as a failed one.
const disk = settings.isLong ? mountSmallDisk() : null;
if (disk) fullDisk(disk);
else if (settings.isLong)
  process.stdout.write('No small file system can be mounted here: a full disk is not tried.\n');
