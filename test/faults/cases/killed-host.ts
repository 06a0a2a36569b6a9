import { describe, expect, test } from 'vitest';
import { storedEvents } from '../../support/sets.ts';
import type { Point } from '../entries/reach.ts';
import { DAYS } from '../environment.ts';
import { holdCommits } from '../held-commits.ts';
import type { Play } from '../scenario.ts';

/**
 * The host, killed by SIGKILL at each point between a click and the end of its way. The days that are on their way are the
 * run's last ones, and no other is, so that nothing that comes later heals what the kill tore.
 */
export function killedHost(play: () => Play): void {
  /** A run of which some days have come through, the others are not clicked. */
  async function beginWithSomeDays(): Promise<string> {
    const { begin, client, untilSettled } = play();
    const run = await begin();
    await client.advance(2);
    await untilSettled();
    return run;
  }

  async function killAt(point: Point): Promise<void> {
    const { arena, client, killHostAt, finish } = play();
    await beginWithSomeDays();
    const held = arena.points.hold(point);
    await client.advance(DAYS);
    await killHostAt(held);
    await finish();
  }

  /** At the run's last batch: any other is healed by the next. */
  async function killAtLastBatch(point: Point): Promise<void> {
    const { arena, client, killHost, finish } = play();
    const run = await beginWithSomeDays();
    let held = arena.points.hold(point);
    await client.advance(DAYS);
    for (;;) {
      await held.reached;
      if ((await storedEvents(arena.observed.pool, run)).length === DAYS * 100) break;
      const next = arena.points.hold(point);
      held.release();
      held = next;
    }
    await killHost();
    await finish();
  }

  describe('a host that is killed', () => {
    test('after the update, before publishing', () => killAt('publish'));
    test('after publishing, before anything tells of it', () => killAt('published'));
    test('after publishing, before published_index', () => killAt('published_index'));
    test('after commit, before the DynamoDB write', () => killAtLastBatch('stored'));
    test('after the DynamoDB write, before the offset', () => killAtLastBatch('progress'));

    test('after the insert, before commit', async () => {
      const { arena, begin, client, eventually, finish, killHost } = play();
      const { pool } = arena.observed;
      const run = await begin();
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
      await finish();
    });
  });
}
