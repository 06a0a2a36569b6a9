import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { ServerName } from '../../../infra/local/servers/addresses.ts';
import type { Client } from '../client.ts';
import type { Point } from '../entries/reach.ts';
import type { Play } from '../scenario.ts';
import { begin as beginOutage, isTotal, type Outage } from '../server-faults.ts';

/** An outage and how long it lasts. */
export interface OutageCase {
  readonly server: ServerName;
  readonly outage: Outage;
  readonly milliseconds: number;
}

/** Where sales wait for the outage to begin, so that they need the server when it isn't there. */
const NEEDS: Readonly<Record<ServerName, Point>> = { mysql: 'batch', dynamodb: 'batch', kafka: 'publish' };

/**
 * Each outage of each server, with sales under way, clicks, a reset and an init in its middle. The sales under way are those
 * of a run that is replaced then: no later click heals what befalls them.
 */
export function outageCases(play: () => Play, cases: readonly OutageCase[]): void {
  describe('a server', () => {
    test.each(cases)('$server, $outage', async ({ server: name, outage, milliseconds }) => {
      const { arena, client, untilHealthTells, finish } = play();
      const held = await holdSales(play(), NEEDS[name]);
      const end = await beginOutage(arena.servers[name], outage);
      const over = wait(milliseconds);
      let replaced: Promise<void>;
      try {
        held.release();
        if (isTotal(outage)) await untilHealthTells([name]);
        if (isTotal(outage)) await checkAnswersWithout(name, client);
        replaced = replaceTwice(play());
        // Clicks, resets and inits need DynamoDB alone.
        if (name !== 'dynamodb' || !isTotal(outage)) await replaced;
        if (outage === 'slow') await checkThatAllGoesOn(play());
        await over;
      } finally {
        await end();
      }
      await replaced;
      await untilHealthTells([]);
      await client.advance(3);
      await finish();
    });
  });
}

/** Lets two days come to a point and no further. */
async function holdSales({ arena, begin, client, eventually, untilHealthTells }: Play, point: Point) {
  const run = await begin();
  await untilHealthTells([]);
  const held = arena.points.hold(point);
  await client.advance(2);
  await held.reached;
  // A publisher that isn't done with them yet might publish them again, and heal whatever befalls a batch of them.
  if (point === 'batch') {
    await eventually(async () => {
      const progress = await arena.observed.store.readProgress(run);
      expect(progress?.publishedIndex).toBe(1);
    });
  }
  return held;
}

/** Two new runs, the second with other dates, and days of both. */
async function replaceTwice({ client, dates }: Play): Promise<void> {
  await client.insist('/simulation/reset');
  await client.advance();
  await client.insist('/simulation/init', { dates: dates.slice(dates.length / 2) });
  await client.advance(2);
}

/** What needs the server says that it is away, in time; what doesn't, does without. */
async function checkAnswersWithout(name: ServerName, client: Client): Promise<void> {
  switch (name) {
    case 'mysql': {
      const answer = await client.send('GET', '/sales/recent');
      expect(answer).toMatchObject({ status: 503, body: { code: 'dependency_unavailable' } });
      break;
    }
    case 'kafka': {
      const answer = await client.send('GET', '/metrics');
      expect(answer).toMatchObject({ status: 200, body: { kafka: { consumer_lag: null } } });
      break;
    }
    case 'dynamodb': {
      const answers = await Promise.all([client.click(), client.click(2)]);
      for (const answer of answers)
        expect(['outcome_unknown', 'dependency_unavailable']).toContain(answer?.body.code);
    }
  }
}

/** A slow server is not a server that is away: health doesn't say so, and days arrive while it is slow. */
async function checkThatAllGoesOn({ client, eventually, untilHealthTells }: Play): Promise<void> {
  await untilHealthTells([]);
  await eventually(async () =>
    expect(await client.status()).toMatchObject({ day_index: 1, progress_pct: 100 }),
  );
}
