import { describe, expect, test } from 'vitest';
import { storedEvents } from '../../support/sets.ts';
import type { Point } from '../entries/reach.ts';
import { DAYS } from '../environment.ts';
import { holdCommits } from '../held-commits.ts';
import type { Scenario } from '../scenario.ts';

/**
 * The host is killed (SIGKILL) at each point between an advance and the last stored sale. Only the run's last days are in
 * transit, so nothing later can repair what the kill broke.
 */
export function killedHost(scenario: () => Scenario): void {
  /** A run with some days stored and the others not yet accepted. */
  async function beginWithSomeDays(): Promise<string> {
    const { startRun, client, untilSettled } = scenario();
    const run = await startRun();
    await client.advance(2);
    await untilSettled();
    return run;
  }

  async function killAt(point: Point): Promise<void> {
    const { environment, client, killHostAt, finishAndCompare } = scenario();
    await beginWithSomeDays();
    const held = environment.faultPoints.hold(point);
    await client.advance(DAYS);
    await killHostAt(held);
    await finishAndCompare();
  }

  /** At the run's last batch: any other is repaired by the next. */
  async function killAtLastBatch(point: Point): Promise<void> {
    const { environment, client, killHost, finishAndCompare } = scenario();
    const run = await beginWithSomeDays();
    let held = environment.faultPoints.hold(point);
    await client.advance(DAYS);
    for (;;) {
      await held.reached;
      if ((await storedEvents(environment.observed.pool, run)).length === DAYS * 100) break;
      const next = environment.faultPoints.hold(point);
      held.release();
      held = next;
    }
    await killHost();
    await finishAndCompare();
  }

  describe('a host that is killed', () => {
    test('a host killed after the update and before publishing loses nothing', () => killAt('publish'));
    test('a host killed after publishing and before recording it loses nothing', () => killAt('published'));
    test('a host killed after publishing and before raising published_index doubles nothing', () =>
      killAt('published_index'));
    test('a host killed after the commit and before the DynamoDB write loses no count', () =>
      killAtLastBatch('stored'));
    test('a host killed after the DynamoDB write and before the offset doubles nothing', () =>
      killAtLastBatch('progress'));

    test('a host killed after the insert and before the commit loses nothing', async () => {
      const { environment, startRun, client, eventually, finishAndCompare, killHost } = scenario();
      const { pool } = environment.observed;
      const run = await startRun();
      const commits = await holdCommits(pool);
      try {
        await client.advance(DAYS);
        await eventually(async () => expect(await commits.waiting()).not.toEqual([]));
        await killHost(async () => {
          await commits.breakOff().finally(commits.release);
          expect(await storedEvents(pool, run), 'rolled back').toEqual([]);
        });
      } finally {
        await commits.release();
      }
      await finishAndCompare();
    });
  });
}
