import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type FaultEnvironment, openFaultEnvironment } from '../environment.ts';
import { openScenario, type Scenario } from '../scenario.ts';
import { startIfEnded } from '../server-faults.ts';
import type { SmallDisk } from '../small-disk.ts';

/** Longer than the 15 s after which a publication fails. */
const FULL_FOR_MS = 20_000;
const POLL_EVERY_MS = 500;

/** The disk of all three servers is full for a while; this case has servers of its own. */
export function fullDisk(disk: SmallDisk): void {
  describe('a full disk', () => {
    let environment: FaultEnvironment;
    let scenario: Scenario;
    beforeAll(async () => {
      environment = await openFaultEnvironment(disk.path);
      scenario = await openScenario(environment);
    }, 600_000);
    afterAll(async () => {
      await scenario?.close();
      await environment?.close();
    });

    /** Restarts servers that exit, as Kafka does when it can't write, until the returned function is called. */
    function supervise(): () => Promise<void> {
      const stopping = new AbortController();
      const { signal } = stopping;
      const supervision = (async () => {
        while (!signal.aborted) {
          // A failed start is retried at the next check.
          for (const { process: server } of Object.values(environment.servers))
            await startIfEnded(server).catch(() => undefined);
          await wait(POLL_EVERY_MS, undefined, { signal }).catch(() => undefined);
        }
      })();
      return () => {
        stopping.abort();
        return supervision;
      };
    }

    test('a full disk delays sales but loses and doubles none', { timeout: 1_200_000 }, async () => {
      const { startRun, client, finishAndCompare } = scenario;
      await startRun();
      const held = environment.faultPoints.hold('publish');
      await client.advance(2);
      await held.reached;
      const makeRoom = await disk.fill();
      const over = wait(FULL_FOR_MS);
      try {
        held.release();
        for (let click = 0; click < 3; click += 1) await client.click(2);
        await over;
      } finally {
        await makeRoom();
      }
      const stop = supervise();
      try {
        // No later advance repairs what happened to earlier days.
        await client.retryUntilAccepted('/simulation/reset');
        await client.advance(2);
        await finishAndCompare();
      } finally {
        await stop();
      }
    });
  });
}
