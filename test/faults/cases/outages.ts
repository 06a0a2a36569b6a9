import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { ServerName } from '../../../infra/local/servers/addresses.ts';
import type { Answer } from '../client.ts';
import type { Play } from '../play.ts';
import { begin, isTotal, type Outage } from '../server-faults.ts';

/** An outage and how long it lasts. */
export interface OutageCase {
  readonly server: ServerName;
  readonly outage: Outage;
  readonly milliseconds: number;
}

/** What a click may be answered while DynamoDB does not answer. */
const WITHOUT_DYNAMODB = ['outcome_unknown', 'dependency_unavailable'];

/** Each outage of each server, with clicks, a reset and an init in its middle. */
export function outageCases(play: () => Play, cases: readonly OutageCase[]): void {
  describe('a server', () => {
    test.each(cases)('$server, $outage', async ({ server: name, outage, milliseconds }) => {
      const { arena, begin: beginRun, client, dates, untilHealthTells, finish } = play();
      await beginRun();
      await client.click(2);
      await untilHealthTells([]);
      const end = await begin(arena.servers[name], outage);
      const over = wait(milliseconds);
      let replaced: Promise<void>;
      try {
        if (isTotal(outage)) await untilHealthTells([name]);
        const answers = await Promise.all([client.click(), client.click(2)]);
        for (const answer of answers) checkClick(answer, name, isTotal(outage));
        replaced = client.insist('/simulation/reset');
        await over;
      } finally {
        await end();
      }
      await replaced;
      await untilHealthTells([]);
      await client.click(3);
      await client.insist('/simulation/init', { dates: dates.slice(0, dates.length / 2) });
      await client.click();
      await finish();
    });
  });
}

/** A click needs DynamoDB alone: whatever else is away, the day is accepted. */
function checkClick(answer: Answer | null, name: ServerName, total: boolean): void {
  if (name !== 'dynamodb') expect(answer?.status).toBe(200);
  else if (total) expect(WITHOUT_DYNAMODB).toContain(answer?.body.code);
}
