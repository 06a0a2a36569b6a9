import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { ServerName } from '../../../infra/local/servers/addresses.ts';
import type { Client } from '../client.ts';
import type { Point } from '../entries/reach.ts';
import type { Scenario } from '../scenario.ts';
import { startOutage as beginOutage, isTotal, type Outage } from '../server-faults.ts';

/** An outage and how long it lasts. */
export interface OutageCase {
  readonly server: ServerName;
  readonly outage: Outage;
  readonly milliseconds: number;
}

/** The point at which sales wait for the outage, so that they need the server while it is unavailable. */
const NEEDS: Readonly<Record<ServerName, Point>> = { mysql: 'batch', dynamodb: 'batch', kafka: 'publish' };

/**
 * Each outage of each server, with sales in transit and requests, a reset and an init during the outage. The sales in transit
 * belong to a run that is then replaced, so no later advance repairs what happens to them.
 */
export function outageCases(scenario: () => Scenario, cases: readonly OutageCase[]): void {
  describe('a server', () => {
    test.each(cases)(
      '$server, $outage: nothing is lost or doubled',
      async ({ server: name, outage, milliseconds }) => {
        const { environment, client, untilHealthReports, finishAndCompare } = scenario();
        const held = await holdSales(scenario(), NEEDS[name]);
        const end = await beginOutage(environment.servers[name], outage);
        const over = wait(milliseconds);
        let replaced: Promise<void>;
        try {
          held.release();
          if (isTotal(outage)) await untilHealthReports([name]);
          if (isTotal(outage)) await checkAnswersWithout(name, client);
          replaced = replaceTwice(scenario());
          // Advances, resets and inits need only DynamoDB.
          if (name !== 'dynamodb' || !isTotal(outage)) await replaced;
          if (outage === 'slow') await checkThatAllGoesOn(scenario());
          await over;
        } finally {
          await end();
        }
        await replaced;
        await untilHealthReports([]);
        await client.advance(3);
        await finishAndCompare();
      },
    );
  });
}

/** Advances two days up to a point and holds them there. */
async function holdSales(
  { environment, startRun, client, eventually, untilHealthReports }: Scenario,
  point: Point,
) {
  const run = await startRun();
  await untilHealthReports([]);
  const held = environment.faultPoints.hold(point);
  await client.advance(2);
  await held.reached;
  // A publisher that isn't done with them might publish them again and repair what happens to a batch.
  if (point === 'batch') {
    await eventually(async () => {
      const progress = await environment.observed.store.readProgress(run);
      expect(progress?.publishedIndex).toBe(1);
    });
  }
  return held;
}

/** Starts two more runs, the second with other dates, and advances both. */
async function replaceTwice({ client, dates }: Scenario): Promise<void> {
  await client.retryUntilAccepted('/simulation/reset');
  await client.advance();
  await client.retryUntilAccepted('/simulation/init', { dates: dates.slice(dates.length / 2) });
  await client.advance(2);
}

/** Requests that need the server report in time that it is unavailable; others succeed without it. */
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

/** A slow server is not unavailable: health stays ok, and days arrive. */
async function checkThatAllGoesOn({ client, eventually, untilHealthReports }: Scenario): Promise<void> {
  await untilHealthReports([]);
  await eventually(async () =>
    expect(await client.status()).toMatchObject({ day_index: 1, progress_pct: 100 }),
  );
}
